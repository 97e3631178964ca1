import sys


def work(n):
    sparse = {}
    seed = 42
    for i in range(n):
        seed = (seed * 3877 + 29573) % 139968
        key = seed * 1009
        sparse[key] = sparse.get(key, 0) + i
    known = {1: 1}
    longest = 0
    for start in range(1, n):
        at = start
        steps = 0
        while at not in known:
            at = at // 2 if at % 2 == 0 else at * 3 + 1
            steps += 1
        steps += known[at]
        known[start] = steps
        if steps > longest:
            longest = steps
    total = 0
    for key, value in sparse.items():
        total += (key + value) % 1000
    print(len(sparse), len(known), longest, total)


work(int(sys.argv[1]))
