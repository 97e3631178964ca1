import sys


def primes_below(n):
    is_prime = [True] * n
    count = 0
    for i in range(2, n):
        if is_prime[i]:
            count += 1
            for k in range(i * i, n, i):
                is_prime[k] = False
    return count


for _ in range(3):
    print(primes_below(int(sys.argv[1])))
