"""The works of `make bench-tasks` in asyncio; tasks.tg says what they are."""
import asyncio
import sys
import time

count = cleaned = caught = 0


async def tick():
    global count
    count += 1


async def at_once(n):
    async with asyncio.TaskGroup() as group:
        for _ in range(n):
            group.create_task(tick())
    return count


async def in_thousands(n):
    for _ in range(n // 1000):
        await at_once(1000)
    return count


async def produce(out, n):
    for i in range(n):
        await out.put(i)


async def consume(source, n):
    global count
    total = 0
    for _ in range(n):
        total += await source.get()
    count += total


async def through(ch, pairs, n):
    async with asyncio.TaskGroup() as group:
        for _ in range(pairs):
            group.create_task(produce(ch, n // pairs))
        for _ in range(pairs):
            group.create_task(consume(ch, n // pairs))
    return count


# There is no rendezvous: a queue of one place is the nearest.
async def rendezvous(n):
    return await through(asyncio.Queue(1), 1, n)


async def buffered(n):
    return await through(asyncio.Queue(100), 100, n)


async def skynet(size, first=0):
    if size == 1:
        return first
    async with asyncio.TaskGroup() as group:
        children = [group.create_task(skynet(size // 10, first + i * (size // 10))) for i in range(10)]
    return sum(child.result() for child in children)


async def pass_on(source, out, turns):
    for _ in range(turns):
        await out.put(await source.get() + 1)


async def ring(hops):
    turns = hops // 1000
    start = source = asyncio.Queue(1)
    token = 0
    async with asyncio.TaskGroup() as group:
        for _ in range(999):
            out = asyncio.Queue(1)
            group.create_task(pass_on(source, out, turns))
            source = out
        for _ in range(turns):
            await start.put(token)
            token = await source.get() + 1
    return token


async def take_turns(m, turns):
    global count
    for _ in range(turns):
        async with m:
            before = count
            await asyncio.sleep(0)
            count = before + 1


async def locked(n):
    m = asyncio.Lock()
    async with asyncio.TaskGroup() as group:
        for _ in range(100):
            group.create_task(take_turns(m, n // 100))
    return count


async def generate(out):
    i = 2
    while True:
        await out.put(i)
        i += 1


async def filter_out(source, out, prime):
    while True:
        i = await source.get()
        if i % prime != 0:
            await out.put(i)


async def sieve(primes):
    source = asyncio.Queue(1)
    children = [asyncio.create_task(generate(source))]
    for _ in range(primes):
        prime = await source.get()
        out = asyncio.Queue(1)
        children.append(asyncio.create_task(filter_out(source, out, prime)))
        source = out
    for child in children:
        child.cancel()
    await asyncio.gather(*children, return_exceptions=True)
    return prime


async def rest(seconds):
    global count
    await asyncio.sleep(seconds)
    count += 1


async def sleepers(n):
    async with asyncio.TaskGroup() as group:
        for i in range(n):
            group.create_task(rest(i / n))
    return count


async def all_begun(n):
    while count < n:
        await asyncio.sleep(0)


async def wait_for(go):
    global count
    count += 1
    await go.wait()


async def crowd(n):
    global count
    go = asyncio.Event()
    count = 0
    async with asyncio.TaskGroup() as group:
        for _ in range(n):
            group.create_task(wait_for(go))
        await all_begun(n)
        go.set()


async def live(n):
    for _ in range(int(sys.argv[3])):
        await crowd(n)
    return count


async def ready():
    print("ready", flush=True)
    await asyncio.sleep(3600)


async def sleep_long():
    global count
    count += 1
    await asyncio.sleep(3600)


async def asleep(n):
    async with asyncio.TaskGroup() as group:
        for _ in range(n):
            group.create_task(sleep_long())
        await all_begun(n)
        await ready()


async def guarded(ch):
    global count, cleaned
    try:
        count += 1
        await ch.get()
    finally:
        cleaned += 1


async def block_guarded(n, then):
    ch = asyncio.Queue(1)
    children = [asyncio.create_task(guarded(ch)) for _ in range(n)]
    await all_begun(n)
    await then(children)
    await asyncio.gather(*children, return_exceptions=True)
    return cleaned


async def blocked(n):
    return await block_guarded(n, lambda children: ready())


async def cancel_each(children):
    for child in children:
        child.cancel()


async def cancel(n):
    return await block_guarded(n, cancel_each)


async def until_interrupt(ch):
    global count, caught, cleaned
    try:
        count += 1
        await ch.get()
    except asyncio.CancelledError:
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
    finally:
        cleaned += 1


async def interrupt(n):
    ch = asyncio.Queue(1)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(n):
                group.create_task(until_interrupt(ch))
            await all_begun(n)
            print("ready", flush=True)
            group.create_task(busy_until_interrupt())
    except asyncio.CancelledError:
        pass
    return f"{caught} {cleaned}"


def count_up():
    turns = 0
    while True:
        turns += 1


def build_text():
    while True:
        text = ""
        for i in range(10000):
            text += f"line {i}\n"


def sort_many():
    items = [(i * 7919) % 1000003 for i in range(1000000)]
    while True:
        items.copy().sort()


def multiply_large():
    x = 3 ** 100000
    while True:
        _ = x * x


def busy(n):
    """Plain Python: in a task of asyncio's a busy loop is never interrupted."""
    for _ in range(n):
        try:
            print("ready", flush=True)
            globals()[sys.argv[3]]()
        except KeyboardInterrupt:
            print("caught", flush=True)
    return n


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
    await asyncio.sleep(delay)
    while True:
        total = 0
        for i in range(100):
            total += i
        await asyncio.sleep(0.1)


async def late(n):
    children = [asyncio.create_task(short_work(i / n / 10)) for i in range(n)]
    await asyncio.sleep(0.3)
    times = []
    end = time.monotonic() + 3
    while len(times) < 2000 and time.monotonic() < end:
        before = time.monotonic()
        await asyncio.sleep(0.001)
        times.append(time.monotonic() - before - 0.001)
    for child in children:
        child.cancel()
    times.sort()
    return round(times[len(times) * 999 // 1000] * 1000000)


async def empty(n):
    return n


def main():
    work = globals()[sys.argv[1]]
    n = int(sys.argv[2])
    print(sys.argv[1], work(n) if work is busy else asyncio.run(work(n)))


main()
