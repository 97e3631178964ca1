const where = accepts => after => (s, i) => i < s.length && accepts(s[i]) ? after(s, i + 1) : null;

const star = part => after => {
  const loop = (s, i) => once(s, i) ?? after(s, i);
  const once = part(loop);
  return loop;
};

const maybe = part => after => {
  const once = part(after);
  return (s, i) => once(s, i) ?? after(s, i);
};

class Pattern {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.start = this.choice()((s, i) => i);
  }
  peek() {
    return this.text[this.at] ?? "";
  }
  choice() {
    const left = this.sequence();
    if (this.peek() !== "|") return left;
    this.at++;
    const right = this.choice();
    return after => {
      const a = left(after), b = right(after);
      return (s, i) => a(s, i) ?? b(s, i);
    };
  }
  sequence() {
    const parts = [];
    while (this.peek() !== "" && this.peek() !== "|" && this.peek() !== ")") parts.push(this.repeated());
    return after => parts.reduceRight((next, part) => part(next), after);
  }
  repeated() {
    const part = this.single();
    const sign = this.peek();
    if (sign === "*" || sign === "+" || sign === "?") {
      this.at++;
      if (sign === "*") return star(part);
      if (sign === "?") return maybe(part);
      const more = star(part);
      return after => part(more(after));
    }
    return part;
  }
  single() {
    const c = this.peek();
    this.at++;
    if (c === "(") {
      const inner = this.choice();
      this.at++;
      return inner;
    }
    if (c === ".") return where(() => true);
    if (c === "[") return where(this.set());
    return where(x => x === c);
  }
  set() {
    const negated = this.peek() === "^";
    if (negated) this.at++;
    const members = new Set();
    while (this.peek() !== "]") {
      const first = this.peek();
      let last = first;
      this.at++;
      if (this.peek() === "-") {
        last = this.text[this.at + 1];
        this.at += 2;
      }
      for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code++) members.add(String.fromCharCode(code));
    }
    this.at++;
    return x => members.has(x) !== negated;
  }
  matchAt(s, i) {
    return this.start(s, i);
  }
  count(s) {
    let found = 0, i = 0;
    while (i < s.length) {
      const end = this.matchAt(s, i);
      if (end !== null && end > i) {
        found++;
        i = end;
      } else {
        i++;
      }
    }
    return found;
  }
}

function text(n) {
  const pieces = [];
  for (let i = 0; i < n; i++) {
    pieces.push(`user${i}@mail${i % 7}.example.org on 20${i % 30 + 10}-0${i % 9 + 1}-1${i % 10}, `);
    pieces.push(`paid ${i * 37 % 1000}.${i % 90 + 10} for (aaaa${i})bbb; `);
  }
  return pieces.join("");
}

function work(n) {
  const s = text(n);
  const patterns = ["[a-z0-9]+@[a-z0-9]+(.[a-z]+)+", "20[0-9][0-9]-[01][0-9]-[0-3][0-9]", "[0-9]+(.[0-9]+)?",
    "(a|aa)*b", "(user|mail)[13579]", "[^ ]+;"];
  console.log(`${s.length} ${patterns.map(p => new Pattern(p).count(s)).join(" ")}`);
}

work(Number(process.argv[2]));
