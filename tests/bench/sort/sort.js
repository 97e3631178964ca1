function work(n) {
  const xs = [];
  let seed = 42;
  for (let i = 0; i < n; i++) {
    seed = (seed * 3877 + 29573) % 139968;
    xs.push(seed);
  }
  xs.sort((a, b) => a - b);
  let total = 0;
  for (let i = 0; i < n; i++) total = (total + i * xs[i]) % 1000003;
  xs.sort((a, b) => b - a);
  console.log(`${total} ${xs[0]} ${xs[Math.floor(n / 2)]} ${xs.at(-1)}`);
}

work(Number(process.argv[2]));
