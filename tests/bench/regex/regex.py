import sys


def where(accepts):
    def follow(after):
        def match(s, i):
            if i < len(s) and accepts(s[i]):
                return after(s, i + 1)
            return None
        return match
    return follow


def either(a, b):
    def match(s, i):
        end = a(s, i)
        return b(s, i) if end is None else end
    return match


def star(part):
    def follow(after):
        def loop(s, i):
            end = once(s, i)
            return after(s, i) if end is None else end
        once = part(loop)
        return loop
    return follow


def maybe(part):
    return lambda after: either(part(after), after)


class Pattern:
    def __init__(self, text):
        self.text = text
        self.at = 0
        self.start = self.choice()(lambda s, i: i)

    def peek(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def choice(self):
        left = self.sequence()
        if self.peek() != "|":
            return left
        self.at += 1
        right = self.choice()
        return lambda after: either(left(after), right(after))

    def sequence(self):
        parts = []
        while self.peek() != "" and self.peek() not in "|)":
            parts.append(self.repeated())

        def follow(after):
            for part in reversed(parts):
                after = part(after)
            return after
        return follow

    def repeated(self):
        part = self.single()
        sign = self.peek()
        if sign != "" and sign in "*+?":
            self.at += 1
            if sign == "*":
                return star(part)
            if sign == "?":
                return maybe(part)
            more = star(part)
            return lambda after: part(more(after))
        return part

    def single(self):
        c = self.peek()
        self.at += 1
        if c == "(":
            inner = self.choice()
            self.at += 1
            return inner
        if c == ".":
            return where(lambda x: True)
        if c == "[":
            return where(self.set())
        return where(lambda x: x == c)

    def set(self):
        negated = self.peek() == "^"
        if negated:
            self.at += 1
        members = set()
        while self.peek() != "]":
            first = last = self.peek()
            self.at += 1
            if self.peek() == "-":
                last = self.text[self.at + 1]
                self.at += 2
            members.update(chr(code) for code in range(ord(first), ord(last) + 1))
        self.at += 1
        return lambda x: (x in members) != negated

    def match_at(self, s, i):
        return self.start(s, i)

    def count(self, s):
        found = i = 0
        while i < len(s):
            end = self.match_at(s, i)
            if end is not None and end > i:
                found += 1
                i = end
            else:
                i += 1
        return found


def text(n):
    pieces = []
    for i in range(n):
        pieces.append(f"user{i}@mail{i % 7}.example.org on 20{i % 30 + 10}-0{i % 9 + 1}-1{i % 10}, ")
        pieces.append(f"paid {i * 37 % 1000}.{i % 90 + 10} for (aaaa{i})bbb; ")
    return "".join(pieces)


def work(n):
    s = text(n)
    patterns = ["[a-z0-9]+@[a-z0-9]+(.[a-z]+)+", "20[0-9][0-9]-[01][0-9]-[0-3][0-9]", "[0-9]+(.[0-9]+)?",
                "(a|aa)*b", "(user|mail)[13579]", "[^ ]+;"]
    print(len(s), *[Pattern(p).count(s) for p in patterns])


work(int(sys.argv[1]))
