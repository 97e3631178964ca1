class Symbol {
  constructor(name) {
    this.name = name;
  }
}

class Env {
  constructor(outer) {
    this.values = new Map();
    this.outer = outer;
  }
  find(name) {
    for (let env = this; env !== null; env = env.outer) {
      if (env.values.has(name)) return env.values;
    }
    throw new Error(`no ${name}`);
  }
}

class Lambda {
  constructor(params, body, env) {
    this.params = params;
    this.body = body;
    this.env = env;
  }
  bind(values) {
    const env = new Env(this.env);
    this.params.forEach((name, i) => env.values.set(name, values[i]));
    return env;
  }
}

const tokenize = text => text.replace(/[()]/g, " $& ").trim().split(/\s+/);

// Reads one form of `tokens`, which are in reverse order.
function read(tokens) {
  const token = tokens.pop();
  if (token === "(") {
    const list = [];
    while (tokens.at(-1) !== ")") list.push(read(tokens));
    tokens.pop();
    return list;
  }
  const number = Number(token);
  return Number.isNaN(number) ? new Symbol(token) : number;
}

function evaluate(form, env) {
  for (;;) {
    if (form instanceof Symbol) return env.find(form.name).get(form.name);
    if (!Array.isArray(form)) return form;
    const head = form[0];
    const name = head instanceof Symbol ? head.name : "";
    if (name === "if") {
      form = evaluate(form[1], env) !== false ? form[2] : form[3];
    } else if (name === "define") {
      env.values.set(form[1].name, evaluate(form[2], env));
      return null;
    } else if (name === "set!") {
      env.find(form[1].name).set(form[1].name, evaluate(form[2], env));
      return null;
    } else if (name === "lambda") {
      return new Lambda(form[1].map(p => p.name), form[2], env);
    } else if (name === "begin") {
      for (let i = 1; i < form.length - 1; i++) evaluate(form[i], env);
      form = form.at(-1);
    } else {
      const f = evaluate(head, env);
      const values = [];
      for (let i = 1; i < form.length; i++) values.push(evaluate(form[i], env));
      if (!(f instanceof Lambda)) return f(values);
      env = f.bind(values);
      form = f.body;
    }
  }
}

function globalEnv() {
  const env = new Env(null);
  env.values = new Map(Object.entries({
    "+": v => v[0] + v[1],
    "-": v => v[0] - v[1],
    "*": v => v[0] * v[1],
    "mod": v => v[0] % v[1],
    "<": v => v[0] < v[1],
    "=": v => v[0] === v[1],
    "cons": v => [v[0], v[1]],
    "car": v => v[0][0],
    "cdr": v => v[0][1],
    "null?": v => v[0] === 0,
  }));
  return env;
}

const program = `
(begin
  (define fib (lambda (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))))
  (define upto (lambda (i n) (if (= i n) 0 (cons i (upto (+ i 1) n)))))
  (define map (lambda (f xs) (if (null? xs) 0 (cons (f (car xs)) (map f (cdr xs))))))
  (define fold (lambda (f x xs) (if (null? xs) x (fold f (f x (car xs)) (cdr xs)))))
  (define make-counter (lambda (n) (lambda () (begin (set! n (+ n 1)) n))))
  (define count (make-counter 10))
  (define repeat (lambda (n total)
    (if (= n 0) total
      (begin
        (count)
        (repeat (- n 1)
          (mod (+ total (fold + 0 (map (lambda (x) (* x n)) (upto 0 30)))) 10007))))))
  (+ (* 1000000 (fib 15)) (+ (* 10 (repeat size 0)) (mod (count) 10))))
`;

const env = globalEnv();
env.values.set("size", Number(process.argv[2]));
console.log(String(evaluate(read(tokenize(program).reverse()), env)));
