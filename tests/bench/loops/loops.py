import sys


def work(n):
    total = odd = 0
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            total += i * j % 7
            if (i + j) % 2 == 1:
                odd += 1
        k = i
        while k > 1:
            k -= 3
            total -= 1
    print(total, odd)


work(int(sys.argv[1]))
