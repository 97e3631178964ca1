import sys
from functools import cmp_to_key


def work(n):
    xs = []
    seed = 42
    for _ in range(n):
        seed = (seed * 3877 + 29573) % 139968
        xs.append(seed)
    xs.sort(key=cmp_to_key(lambda a, b: a - b))
    total = 0
    for i in range(n):
        total = (total + i * xs[i]) % 1000003
    xs.sort(key=cmp_to_key(lambda a, b: b - a))
    print(total, xs[0], xs[n // 2], xs[-1])


work(int(sys.argv[1]))
