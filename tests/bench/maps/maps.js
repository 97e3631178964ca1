function work(n) {
  const words = [];
  let seed = 42;
  for (let i = 0; i < n; i++) {
    seed = (seed * 3877 + 29573) % 139968;
    words.push(`w${seed % 5003}`);
  }
  const counts = new Map();
  for (let i = 0; i < 4; i++) {
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  let hits = 0;
  for (let i = 0; i < n; i++) if (counts.has(`w${i}`)) hits++;
  let removed = 0;
  for (let i = 0; i < 5003; i++) if (i % 3 === 0 && counts.delete(`w${i}`)) removed++;
  let total = 0;
  for (const count of counts.values()) total += count;
  const points = [];
  for (let i = 0; i < n; i++) points.push({ x: i, y: i + 1 });
  for (const p of points) total += p.y - p.x;
  console.log(`${hits} ${removed} ${counts.size} ${total}`);
}

work(Number(process.argv[2]));
