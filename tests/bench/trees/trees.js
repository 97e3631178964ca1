class Node {
  constructor(left, right) {
    this.left = left;
    this.right = right;
  }
  count() {
    if (this.left === null) return 1;
    return 1 + this.left.count() + this.right.count();
  }
}

function tree(depth) {
  if (depth === 0) return new Node(null, null);
  return new Node(tree(depth - 1), tree(depth - 1));
}

function work(n) {
  const longLived = tree(n);
  for (let depth = 4; depth <= n; depth += 4) {
    const times = 2 ** (n - depth);
    let total = 0;
    for (let i = 0; i < times; i++) total += tree(depth).count();
    console.log(`${times} ${depth} ${total}`);
  }
  console.log(String(longLived.count()));
}

work(Number(process.argv[2]));
