function work(n) {
  const sparse = new Map();
  let seed = 42;
  for (let i = 0; i < n; i++) {
    seed = (seed * 3877 + 29573) % 139968;
    const key = seed * 1009;
    sparse.set(key, (sparse.get(key) ?? 0) + i);
  }
  const known = new Map([[1, 1]]);
  let longest = 0;
  for (let start = 1; start < n; start++) {
    let at = start, steps = 0;
    while (!known.has(at)) {
      at = at % 2 === 0 ? at / 2 : at * 3 + 1;
      steps++;
    }
    steps += known.get(at);
    known.set(start, steps);
    if (steps > longest) longest = steps;
  }
  let total = 0;
  for (const [key, value] of sparse) total += (key + value) % 1000;
  console.log(`${sparse.size} ${known.size} ${longest} ${total}`);
}

work(Number(process.argv[2]));
