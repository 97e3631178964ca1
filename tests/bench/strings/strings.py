import sys


def work(n):
    words = [f"item{i % 5000}:{i * 7 % 1000}" for i in range(n)]
    text = ",".join(words)
    sevens = 0
    names = {}
    for part in text.split(","):
        if part.endswith("7"):
            sevens += 1
        colon = part.find(":")
        names[part[:colon]] = part[colon + 1:]
    shouted = text.replace("item", "it").upper()
    shouts = 0
    for c in shouted:
        if c == "I":
            shouts += 1
    built = ""
    for i in range(n):
        built += f"x{i % 10}"
    found = 0
    at = built.find("x7x")
    while at >= 0:
        found += 1
        at = built.find("x7x", at + 1)
    nines = 0
    for i in range(len(built)):
        if built[i] == "9":
            nines += 1
    print(len(text), sevens, len(names), len(shouted), shouts, len(built), found, nines)


work(int(sys.argv[1]))
