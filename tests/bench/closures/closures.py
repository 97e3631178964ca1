import sys
from functools import reduce


def counter(step):
    n = 0

    def advance():
        nonlocal n
        n += step
        return n

    return advance


def compose(f, g):
    return lambda x: f(g(x))


def work(n):
    total = 0
    advance = counter(3)
    for _ in range(n):
        total += advance() % 5
    for i in range(n):
        add = lambda x: x + i
        total += add(i) % 7
    f = compose(lambda x: x + 1, compose(lambda x: x * 2, lambda x: x - 3))
    for i in range(n):
        total += f(i) % 11
    xs = list(range(1000))
    for k in range(n // 1000):
        scaled = map(lambda x: x * k, xs)
        thirds = filter(lambda x: x % 3 == 0, scaled)
        total += reduce(lambda a, b: a + b, thirds, 0) % 13
    print(total)


work(int(sys.argv[1]))
