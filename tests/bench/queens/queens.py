import sys


class Board:
    def __init__(self, n):
        self.n = n
        self.columns = [False] * n
        self.up = [False] * (2 * n)
        self.down = [False] * (2 * n)

    def place(self, row):
        n = self.n
        if row == n:
            return 1
        columns = self.columns
        up = self.up
        down = self.down
        count = 0
        for c in range(n):
            u = row + c
            d = row - c + n
            if not (columns[c] or up[u] or down[d]):
                columns[c] = up[u] = down[d] = True
                count += self.place(row + 1)
                columns[c] = up[u] = down[d] = False
        return count


print(Board(int(sys.argv[1])).place(0))
