"""The works of `make bench-tasks` in trio; tasks.tg says what they are."""
import sys
import time

import trio

count = cleaned = caught = 0


async def tick():
    global count
    count += 1


async def at_once(n):
    async with trio.open_nursery() as nursery:
        for _ in range(n):
            nursery.start_soon(tick)
    return count


async def in_thousands(n):
    for _ in range(n // 1000):
        await at_once(1000)
    return count


async def produce(out, n):
    for i in range(n):
        await out.send(i)


async def consume(source, n):
    global count
    total = 0
    for _ in range(n):
        total += await source.receive()
    count += total


async def through(capacity, pairs, n):
    out, source = trio.open_memory_channel(capacity)
    async with trio.open_nursery() as nursery:
        for _ in range(pairs):
            nursery.start_soon(produce, out, n // pairs)
        for _ in range(pairs):
            nursery.start_soon(consume, source, n // pairs)
    return count


async def rendezvous(n):
    return await through(0, 1, n)


async def buffered(n):
    return await through(100, 100, n)


async def leaf_or_ten(results, at, first, size):
    if size == 1:
        results[at] = first
        return
    mine = [0] * 10
    async with trio.open_nursery() as nursery:
        for i in range(10):
            nursery.start_soon(leaf_or_ten, mine, i, first + i * (size // 10), size // 10)
    results[at] = sum(mine)


async def skynet(leaves):
    results = [0]
    await leaf_or_ten(results, 0, 0, leaves)
    return results[0]


async def pass_on(source, out, turns):
    for _ in range(turns):
        await out.send(await source.receive() + 1)


async def ring(hops):
    turns = hops // 1000
    start, source = trio.open_memory_channel(0)
    token = 0
    async with trio.open_nursery() as nursery:
        for _ in range(999):
            out, following = trio.open_memory_channel(0)
            nursery.start_soon(pass_on, source, out, turns)
            source = following
        for _ in range(turns):
            await start.send(token)
            token = await source.receive() + 1
    return token


async def take_turns(m, turns):
    global count
    for _ in range(turns):
        async with m:
            before = count
            await trio.sleep(0)
            count = before + 1


async def locked(n):
    m = trio.Lock()
    async with trio.open_nursery() as nursery:
        for _ in range(100):
            nursery.start_soon(take_turns, m, n // 100)
    return count


async def generate(out):
    i = 2
    while True:
        await out.send(i)
        i += 1


async def filter_out(source, out, prime):
    while True:
        i = await source.receive()
        if i % prime != 0:
            await out.send(i)


async def sieve(primes):
    async with trio.open_nursery() as nursery:
        out, source = trio.open_memory_channel(0)
        nursery.start_soon(generate, out)
        for _ in range(primes):
            prime = await source.receive()
            out, following = trio.open_memory_channel(0)
            nursery.start_soon(filter_out, source, out, prime)
            source = following
        nursery.cancel_scope.cancel()
    return prime


async def rest(seconds):
    global count
    await trio.sleep(seconds)
    count += 1


async def sleepers(n):
    async with trio.open_nursery() as nursery:
        for i in range(n):
            nursery.start_soon(rest, i / n)
    return count


async def all_begun(n):
    while count < n:
        await trio.sleep(0)


async def wait_for(go):
    global count
    count += 1
    await go.wait()


async def crowd(n):
    global count
    go = trio.Event()
    count = 0
    async with trio.open_nursery() as nursery:
        for _ in range(n):
            nursery.start_soon(wait_for, go)
        await all_begun(n)
        go.set()


async def live(n):
    for _ in range(int(sys.argv[3])):
        await crowd(n)
    return count


async def ready():
    print("ready", flush=True)
    await trio.sleep(3600)


async def sleep_long():
    global count
    count += 1
    await trio.sleep(3600)


async def asleep(n):
    async with trio.open_nursery() as nursery:
        for _ in range(n):
            nursery.start_soon(sleep_long)
        await all_begun(n)
        await ready()


async def guarded(source):
    global count, cleaned
    try:
        count += 1
        await source.receive()
    finally:
        cleaned += 1


async def block_guarded(n, cancels):
    out, source = trio.open_memory_channel(0)
    async with trio.open_nursery() as nursery:
        for _ in range(n):
            nursery.start_soon(guarded, source)
        await all_begun(n)
        if not cancels:
            await ready()
        nursery.cancel_scope.cancel()
    return cleaned


async def blocked(n):
    return await block_guarded(n, False)


async def cancel(n):
    return await block_guarded(n, True)


async def until_interrupt(source):
    global count, caught, cleaned
    try:
        count += 1
        await source.receive()
    except trio.Cancelled:
        caught += 1
        raise
    finally:
        cleaned += 1


async def busy_until_interrupt():
    global caught, cleaned
    turns = 0
    try:
        while True:
            turns += 1
    except KeyboardInterrupt:
        caught += 1
        raise
    finally:
        cleaned += 1


async def interrupt(n):
    out, source = trio.open_memory_channel(0)
    try:
        async with trio.open_nursery() as nursery:
            for _ in range(n):
                nursery.start_soon(until_interrupt, source)
            await all_begun(n)
            print("ready", flush=True)
            nursery.start_soon(busy_until_interrupt)
    except KeyboardInterrupt:
        pass
    return f"{caught} {cleaned}"


async def memory(n):
    print("ready", flush=True)
    sys.stdin.readline()
    await crowd(n)
    for i in range(2000000):
        _ = [i]
    print("ready", flush=True)
    sys.stdin.readline()
    return n


async def short_work(delay):
    await trio.sleep(delay)
    while True:
        total = 0
        for i in range(100):
            total += i
        await trio.sleep(0.1)


async def late(n):
    times = []
    async with trio.open_nursery() as nursery:
        for i in range(n):
            nursery.start_soon(short_work, i / n / 10)
        await trio.sleep(0.3)
        end = time.monotonic() + 3
        while len(times) < 2000 and time.monotonic() < end:
            before = time.monotonic()
            await trio.sleep(0.001)
            times.append(time.monotonic() - before - 0.001)
        nursery.cancel_scope.cancel()
    times.sort()
    return round(times[len(times) * 999 // 1000] * 1000000)


async def empty(n):
    return n


print(sys.argv[1], trio.run(globals()[sys.argv[1]], int(sys.argv[2])))
