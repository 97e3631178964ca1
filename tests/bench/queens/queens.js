class Board {
  constructor(n) {
    this.n = n;
    this.columns = new Array(n).fill(false);
    this.up = new Array(2 * n).fill(false);
    this.down = new Array(2 * n).fill(false);
  }
  place(row) {
    const { n, columns, up, down } = this;
    if (row === n) return 1;
    let count = 0;
    for (let c = 0; c < n; c++) {
      const u = row + c, d = row - c + n;
      if (!(columns[c] || up[u] || down[d])) {
        columns[c] = up[u] = down[d] = true;
        count += this.place(row + 1);
        columns[c] = up[u] = down[d] = false;
      }
    }
    return count;
  }
}

console.log(String(new Board(Number(process.argv[2])).place(0)));
