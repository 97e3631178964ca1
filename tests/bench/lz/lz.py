import sys

WINDOW = 4095
LONGEST = 18


def text(n):
    words = ["structured", "task", "nursery", "cancel", "the", "a", "interrupt", "is", "never", "lost"]
    pieces = []
    seed = 42
    for _ in range(n):
        seed = (seed * 3877 + 29573) % 139968
        pieces.append(words[seed % 10])
        pieces.append(f"{seed % 100} " if seed % 7 == 0 else " ")
    return "".join(pieces).encode()


def pack(data):
    """A literal is its byte; a reference is 256 + length, then its distance."""
    out = []
    heads = [-1] * 4096
    size = len(data)
    at = 0
    while at < size:
        best = distance = 0
        if at + 2 < size:
            key = (data[at] * 961 + data[at + 1] * 31 + data[at + 2]) % 4096
            start = heads[key]
            heads[key] = at
            if start >= 0 and at - start <= WINDOW:
                limit = min(LONGEST, size - at)
                while best < limit and data[start + best] == data[at + best]:
                    best += 1
                distance = at - start
        if best >= 3:
            out.append(256 + best)
            out.append(distance)
            at += best
        else:
            out.append(data[at])
            at += 1
    return out


def unpack(codes):
    out = bytearray()
    i = 0
    while i < len(codes):
        code = codes[i]
        if code < 256:
            out.append(code)
        else:
            i += 1
            start = len(out) - codes[i]
            for k in range(start, start + code - 256):
                out.append(out[k])
        i += 1
    return bytes(out)


def checksum(numbers):
    a = 1
    b = 0
    for x in numbers:
        a = (a + x) % 65521
        b = (b + a) % 65521
    return b * 65536 + a


def work(n):
    data = text(n)
    packed = pack(data)
    back = unpack(packed)
    print(len(data), len(packed), checksum(packed), "true" if back == data else "false")


work(int(sys.argv[1]))
