import sys


class Symbol:
    def __init__(self, name):
        self.name = name


class Env:
    def __init__(self, outer):
        self.values = {}
        self.outer = outer

    def find(self, name):
        env = self
        while env is not None:
            if name in env.values:
                return env.values
            env = env.outer
        raise NameError(f"no {name}")


class Lambda:
    def __init__(self, params, body, env):
        self.params = params
        self.body = body
        self.env = env

    def bind(self, values):
        env = Env(self.env)
        env.values.update(zip(self.params, values))
        return env


def tokenize(text):
    return text.replace("(", " ( ").replace(")", " ) ").split()


def read(tokens):
    """Reads one form of `tokens`, which are in reverse order."""
    token = tokens.pop()
    if token == "(":
        forms = []
        while tokens[-1] != ")":
            forms.append(read(tokens))
        tokens.pop()
        return forms
    try:
        return int(token)
    except ValueError:
        return Symbol(token)


def evaluate(form, env):
    while True:
        if isinstance(form, Symbol):
            return env.find(form.name)[form.name]
        if not isinstance(form, list):
            return form
        head = form[0]
        name = head.name if isinstance(head, Symbol) else ""
        if name == "if":
            form = form[2] if evaluate(form[1], env) is not False else form[3]
        elif name == "define":
            env.values[form[1].name] = evaluate(form[2], env)
            return None
        elif name == "set!":
            env.find(form[1].name)[form[1].name] = evaluate(form[2], env)
            return None
        elif name == "lambda":
            return Lambda([p.name for p in form[1]], form[2], env)
        elif name == "begin":
            for part in form[1:-1]:
                evaluate(part, env)
            form = form[-1]
        else:
            f = evaluate(head, env)
            values = [evaluate(part, env) for part in form[1:]]
            if not isinstance(f, Lambda):
                return f(values)
            env = f.bind(values)
            form = f.body


def global_env():
    env = Env(None)
    env.values.update({
        "+": lambda v: v[0] + v[1],
        "-": lambda v: v[0] - v[1],
        "*": lambda v: v[0] * v[1],
        "mod": lambda v: v[0] % v[1],
        "<": lambda v: v[0] < v[1],
        "=": lambda v: v[0] == v[1],
        "cons": lambda v: [v[0], v[1]],
        "car": lambda v: v[0][0],
        "cdr": lambda v: v[0][1],
        "null?": lambda v: v[0] == 0,
    })
    return env


program = """
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
"""

env = global_env()
env.values["size"] = int(sys.argv[1])
print(evaluate(read(tokenize(program)[::-1]), env))
