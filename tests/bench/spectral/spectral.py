import sys
from math import sqrt


def a(i, j):
    return 1 / ((i + j) * (i + j + 1) / 2 + i + 1)


def times(v, n):
    result = []
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += a(i, j) * v[j]
        result.append(total)
    return result


def transposed_times(v, n):
    result = []
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += a(j, i) * v[j]
        result.append(total)
    return result


def norm(n):
    u = [1.0] * n
    for _ in range(10):
        v = transposed_times(times(u, n), n)
        u = transposed_times(times(v, n), n)
    uv = vv = 0.0
    for x, y in zip(u, v):
        uv += x * y
        vv += y * y
    return sqrt(uv / vv)


print(f"{norm(int(sys.argv[1])):.9f}")
