class Failure extends Error {
  constructor(code) {
    super("failure");
    this.code = code;
  }
}

function inner(i) {
  if (i % 2 === 0) throw new Failure(i);
  return i;
}

function middle(i) {
  return inner(i) + 1;
}

function outer(i) {
  let cleaned = 0;
  try {
    return middle(i) + 1;
  } finally {
    cleaned++;
  }
}

function work(n) {
  let caught = 0, total = 0;
  for (let i = 0; i < n; i++) {
    try {
      total += outer(i) % 10;
    } catch (e) {
      if (!(e instanceof Failure)) throw e;
      caught++;
      total += e.code % 3;
    }
  }
  console.log(`${caught} ${total}`);
}

work(Number(process.argv[2]));
