import sys


class Toggle:
    def __init__(self, on):
        self.on = on

    def value(self):
        return self.on

    def flip(self):
        self.on = not self.on
        return self


class NthToggle(Toggle):
    def __init__(self, on, every):
        super().__init__(on)
        self.every = every
        self.count = 0

    def flip(self):
        self.count += 1
        if self.count >= self.every:
            super().flip()
            self.count = 0
        return self


def work(n):
    ons = 0
    toggle = Toggle(True)
    for _ in range(n):
        if toggle.flip().value():
            ons += 1
    nth = NthToggle(True, 3)
    for _ in range(n):
        if nth.flip().value():
            ons += 1
    both = [Toggle(False), NthToggle(False, 2)]
    for i in range(n):
        if both[i % 2].flip().value():
            ons += 1
    print(ons)


work(int(sys.argv[1]))
