function counter(step) {
  let n = 0;
  return () => n += step;
}

const compose = (f, g) => x => f(g(x));
const mod = (a, b) => ((a % b) + b) % b;

function work(n) {
  let total = 0;
  const next = counter(3);
  for (let i = 0; i < n; i++) total += next() % 5;
  for (let i = 0; i < n; i++) {
    const add = x => x + i;
    total += add(i) % 7;
  }
  const f = compose(x => x + 1, compose(x => x * 2, x => x - 3));
  for (let i = 0; i < n; i++) total += mod(f(i), 11);
  const xs = Array.from({ length: 1000 }, (_, i) => i);
  for (let k = 0; k < Math.floor(n / 1000); k++) {
    total += xs.map(x => x * k).filter(x => x % 3 === 0).reduce((a, b) => a + b, 0) % 13;
  }
  console.log(String(total));
}

work(Number(process.argv[2]));
