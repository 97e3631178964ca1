function work(n) {
  let total = 0, odd = 0;
  for (let i = 1; i <= n; i++) {
    for (let j = 1; j <= n; j++) {
      total += i * j % 7;
      if ((i + j) % 2 === 1) odd++;
    }
    let k = i;
    while (k > 1) {
      k -= 3;
      total--;
    }
  }
  console.log(`${total} ${odd}`);
}

work(Number(process.argv[2]));
