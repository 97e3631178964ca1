// Its own reader and writer, as in the other languages: JSON.parse is C++.
const ESCAPES = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }
  fail(what) {
    throw new Error(`${what} at ${this.at}`);
  }
  skip() {
    const { text } = this;
    let { at } = this;
    while (at < text.length && " \n\t\r".includes(text[at])) at++;
    this.at = at;
    return at < text.length ? text[at] : "";
  }
  expect(c) {
    if (this.skip() !== c) this.fail(`expected ${c}`);
    this.at++;
  }
  word(text, value) {
    if (!this.text.startsWith(text, this.at)) this.fail(`expected ${text}`);
    this.at += text.length;
    return value;
  }
  value() {
    switch (this.skip()) {
      case "{": return this.object();
      case "[": return this.list();
      case '"': return this.string();
      case "t": return this.word("true", true);
      case "f": return this.word("false", false);
      case "n": return this.word("null", null);
      default: return this.number();
    }
  }
  object() {
    const result = new Map();
    this.expect("{");
    if (this.skip() === "}") {
      this.at++;
      return result;
    }
    for (;;) {
      this.skip();
      const key = this.string();
      this.expect(":");
      result.set(key, this.value());
      if (this.skip() !== ",") break;
      this.at++;
    }
    this.expect("}");
    return result;
  }
  list() {
    const result = [];
    this.expect("[");
    if (this.skip() === "]") {
      this.at++;
      return result;
    }
    for (;;) {
      result.push(this.value());
      if (this.skip() !== ",") break;
      this.at++;
    }
    this.expect("]");
    return result;
  }
  string() {
    const { text } = this;
    this.expect('"');
    let start = this.at, at = start, result = "";
    while (text[at] !== '"') {
      if (text[at] === "\\") {
        result += text.slice(start, at);
        const c = text[at + 1];
        if (c === "u") {
          result += String.fromCharCode(parseInt(text.slice(at + 2, at + 6), 16));
          at += 4;
        } else {
          result += ESCAPES[c] ?? c;
        }
        at += 2;
        start = at;
      } else {
        at++;
      }
    }
    this.at = at + 1;
    return result + text.slice(start, at);
  }
  number() {
    const { text } = this;
    const start = this.at;
    let at = start;
    while (at < text.length && "+-0123456789.eE".includes(text[at])) at++;
    if (at === start) this.fail("no value");
    this.at = at;
    return Number(text.slice(start, at));
  }
}

function quote(text) {
  return '"' + text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n") + '"';
}

function write(value, out) {
  if (value instanceof Map) {
    out.push("{");
    let first = true;
    for (const [key, item] of value) {
      if (!first) out.push(",");
      first = false;
      out.push(quote(key));
      out.push(":");
      write(item, out);
    }
    out.push("}");
  } else if (Array.isArray(value)) {
    out.push("[");
    value.forEach((item, i) => {
      if (i > 0) out.push(",");
      write(item, out);
    });
    out.push("]");
  } else if (typeof value === "string") {
    out.push(quote(value));
  } else {
    out.push(String(value));
  }
}

function document(n) {
  const rows = [];
  for (let i = 0; i < n; i++) {
    rows.push(`{ "id": ${i}, "name": "user \\"${i % 17}\\"\\n", "tags": ["a", "b\\u0041", "${i * 7}"], `
      + `"score": ${i}.5, "active": ${i % 2 === 0}, "parent": null }`);
  }
  return "[" + rows.join(",\n  ") + "]";
}

function work(n) {
  const text = document(n);
  const value = new Reader(text).value();
  const out = [];
  write(value, out);
  const again = out.join("");
  let total = 0, names = 0;
  for (const row of new Reader(again).value()) {
    if (row.get("active")) total += row.get("score");
    names += row.get("name").length;
  }
  console.log(`${text.length} ${again.length} ${names} ${total.toFixed(1)} ${again.slice(0, 110)}`);
}

work(Number(process.argv[2]));
