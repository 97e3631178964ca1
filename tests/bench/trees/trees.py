import sys


class Node:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right

    def count(self):
        if self.left is None:
            return 1
        return 1 + self.left.count() + self.right.count()


def tree(depth):
    if depth == 0:
        return Node(None, None)
    return Node(tree(depth - 1), tree(depth - 1))


def work(n):
    long_lived = tree(n)
    for depth in range(4, n + 1, 4):
        times = 2 ** (n - depth)
        total = 0
        for _ in range(times):
            total += tree(depth).count()
        print(times, depth, total)
    print(long_lived.count())


work(int(sys.argv[1]))
