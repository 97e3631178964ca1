const WINDOW = 4095;
const LONGEST = 18;

function text(n) {
  const words = ["structured", "task", "nursery", "cancel", "the", "a", "interrupt", "is", "never", "lost"];
  const pieces = [];
  let seed = 42;
  for (let i = 0; i < n; i++) {
    seed = (seed * 3877 + 29573) % 139968;
    pieces.push(words[seed % 10]);
    pieces.push(seed % 7 === 0 ? `${seed % 100} ` : " ");
  }
  return new TextEncoder().encode(pieces.join(""));
}

// A literal is its byte; a reference is 256 + length, then its distance.
function pack(data) {
  const out = [];
  const heads = new Array(4096).fill(-1);
  const size = data.length;
  let at = 0;
  while (at < size) {
    let best = 0, distance = 0;
    if (at + 2 < size) {
      const hash = (data[at] * 961 + data[at + 1] * 31 + data[at + 2]) % 4096;
      const from = heads[hash];
      heads[hash] = at;
      if (from >= 0 && at - from <= WINDOW) {
        const limit = Math.min(LONGEST, size - at);
        while (best < limit && data[from + best] === data[at + best]) best++;
        distance = at - from;
      }
    }
    if (best >= 3) {
      out.push(256 + best, distance);
      at += best;
    } else {
      out.push(data[at]);
      at++;
    }
  }
  return out;
}

function unpack(codes) {
  const out = [];
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i];
    if (code < 256) {
      out.push(code);
    } else {
      i++;
      const from = out.length - codes[i];
      for (let k = from; k < from + code - 256; k++) out.push(out[k]);
    }
  }
  return out;
}

function checksum(numbers) {
  let a = 1, b = 0;
  for (const x of numbers) {
    a = (a + x) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

function work(n) {
  const data = text(n);
  const packed = pack(data);
  const back = unpack(packed);
  const same = back.length === data.length && back.every((x, i) => x === data[i]);
  console.log(`${data.length} ${packed.length} ${checksum(packed)} ${same}`);
}

work(Number(process.argv[2]));
