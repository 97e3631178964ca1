import sys

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class Reader:
    def __init__(self, text):
        self.text = text
        self.at = 0

    def fail(self, what):
        raise ValueError(f"{what} at {self.at}")

    def skip(self):
        text = self.text
        at = self.at
        while at < len(text) and text[at] in " \n\t\r":
            at += 1
        self.at = at
        return text[at] if at < len(text) else ""

    def expect(self, c):
        if self.skip() != c:
            self.fail(f"expected {c}")
        self.at += 1

    def word(self, text, value):
        if not self.text.startswith(text, self.at):
            self.fail(f"expected {text}")
        self.at += len(text)
        return value

    def value(self):
        c = self.skip()
        if c == "{":
            return self.object()
        if c == "[":
            return self.list()
        if c == '"':
            return self.string()
        if c == "t":
            return self.word("true", True)
        if c == "f":
            return self.word("false", False)
        if c == "n":
            return self.word("null", None)
        return self.number()

    def object(self):
        result = {}
        self.expect("{")
        if self.skip() == "}":
            self.at += 1
            return result
        while True:
            self.skip()
            key = self.string()
            self.expect(":")
            result[key] = self.value()
            if self.skip() != ",":
                break
            self.at += 1
        self.expect("}")
        return result

    def list(self):
        result = []
        self.expect("[")
        if self.skip() == "]":
            self.at += 1
            return result
        while True:
            result.append(self.value())
            if self.skip() != ",":
                break
            self.at += 1
        self.expect("]")
        return result

    def string(self):
        text = self.text
        self.expect('"')
        start = at = self.at
        pieces = []
        while text[at] != '"':
            if text[at] == "\\":
                pieces.append(text[start:at])
                c = text[at + 1]
                if c == "u":
                    pieces.append(chr(int(text[at + 2:at + 6], 16)))
                    at += 4
                else:
                    pieces.append(ESCAPES.get(c, c))
                at += 2
                start = at
            else:
                at += 1
        self.at = at + 1
        if not pieces:
            return text[start:at]
        pieces.append(text[start:at])
        return "".join(pieces)

    def number(self):
        text = self.text
        start = at = self.at
        whole = True
        while at < len(text) and text[at] in "+-0123456789.eE":
            if text[at] in ".eE":
                whole = False
            at += 1
        if at == start:
            self.fail("no value")
        self.at = at
        return int(text[start:at]) if whole else float(text[start:at])


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def write(value, out):
    if isinstance(value, dict):
        out.append("{")
        first = True
        for key, item in value.items():
            if not first:
                out.append(",")
            first = False
            out.append(quote(key))
            out.append(":")
            write(item, out)
        out.append("}")
    elif isinstance(value, list):
        out.append("[")
        for i, item in enumerate(value):
            if i > 0:
                out.append(",")
            write(item, out)
        out.append("]")
    elif isinstance(value, str):
        out.append(quote(value))
    elif value is None:
        out.append("null")
    elif isinstance(value, bool):
        out.append("true" if value else "false")
    else:
        out.append(str(value))


def document(n):
    rows = []
    for i in range(n):
        active = "true" if i % 2 == 0 else "false"
        rows.append(f'{{ "id": {i}, "name": "user \\"{i % 17}\\"\\n", "tags": ["a", "b\\u0041", "{i * 7}"], '
                    f'"score": {i}.5, "active": {active}, "parent": null }}')
    return "[" + ",\n  ".join(rows) + "]"


def work(n):
    text = document(n)
    value = Reader(text).value()
    out = []
    write(value, out)
    again = "".join(out)
    total = 0.0
    names = 0
    for row in Reader(again).value():
        if row["active"]:
            total += row["score"]
        names += len(row["name"])
    print(len(text), len(again), names, f"{total:.1f}", again[:110])


work(int(sys.argv[1]))
