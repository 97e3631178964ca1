import sys


def work(n):
    words = []
    seed = 42
    for _ in range(n):
        seed = (seed * 3877 + 29573) % 139968
        words.append(f"w{seed % 5003}")
    counts = {}
    for _ in range(4):
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    hits = 0
    for i in range(n):
        if f"w{i}" in counts:
            hits += 1
    removed = 0
    for i in range(5003):
        if i % 3 == 0 and counts.pop(f"w{i}", None) is not None:
            removed += 1
    total = 0
    for count in counts.values():
        total += count
    points = [{"x": i, "y": i + 1} for i in range(n)]
    for p in points:
        total += p["y"] - p["x"]
    print(hits, removed, len(counts), total)


work(int(sys.argv[1]))
