function primesBelow(n) {
  const isPrime = new Array(n).fill(true);
  let count = 0;
  for (let i = 2; i < n; i++) {
    if (isPrime[i]) {
      count++;
      for (let k = i * i; k < n; k += i) isPrime[k] = false;
    }
  }
  return count;
}

for (let i = 0; i < 3; i++) console.log(String(primesBelow(Number(process.argv[2]))));
