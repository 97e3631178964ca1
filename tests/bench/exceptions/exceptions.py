import sys


class Failure(Exception):
    def __init__(self, code):
        super().__init__("failure")
        self.code = code


def inner(i):
    if i % 2 == 0:
        raise Failure(i)
    return i


def middle(i):
    return inner(i) + 1


def outer(i):
    cleaned = 0
    try:
        return middle(i) + 1
    finally:
        cleaned += 1


def work(n):
    caught = total = 0
    for i in range(n):
        try:
            total += outer(i) % 10
        except Failure as e:
            caught += 1
            total += e.code % 3
    print(caught, total)


work(int(sys.argv[1]))
