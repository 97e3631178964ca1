function work(n) {
  const words = [];
  for (let i = 0; i < n; i++) words.push(`item${i % 5000}:${i * 7 % 1000}`);
  const text = words.join(",");
  let sevens = 0;
  const names = new Map();
  for (const part of text.split(",")) {
    if (part.endsWith("7")) sevens++;
    const colon = part.indexOf(":");
    names.set(part.slice(0, colon), part.slice(colon + 1));
  }
  const shouted = text.replaceAll("item", "it").toUpperCase();
  let shouts = 0;
  for (const c of shouted) if (c === "I") shouts++;
  let built = "";
  for (let i = 0; i < n; i++) built += `x${i % 10}`;
  let found = 0;
  for (let at = built.indexOf("x7x"); at >= 0; at = built.indexOf("x7x", at + 1)) found++;
  let nines = 0;
  for (let i = 0; i < built.length; i++) if (built[i] === "9") nines++;
  console.log([text.length, sevens, names.size, shouted.length, shouts, built.length, found, nines].join(" "));
}

work(Number(process.argv[2]));
