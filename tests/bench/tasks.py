#!/usr/bin/env python3
"""make bench-tasks: what tasks cost, in tg, Go, JavaScript, asyncio and trio, on the same work.

CPU time per operation is (user + system of the process - those of one that does nothing) / operations, the
smallest of the repeats. Installs nothing, and uses the peers that are there; Go is compiled first.
"""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

import bench
import plot

BUILD = bench.ROOT / "build" / "bench"
MILLION = 1000000
HANGS = 8  # seconds after which a Ctrl-C is taken for lost
BUSY = ["count_up", "build_text", "sort_many", "multiply_large"]
PRESSES = 10


@dataclass
class Peer:
    name: str
    command: list
    is_slow: bool = False  # gets the smaller sizes
    lacks: set = field(default_factory=set)  # works that it has no way to do

    @property
    def many(self):
        """Tasks where a million is meant."""
        return MILLION // 20 if self.is_slow else MILLION

    def run(self, *arguments, **options):
        return bench.run([*self.command, *map(str, arguments)], env={**os.environ, "GOMAXPROCS": "1"}, **options)


def compiled_go():
    """The peer in Go, or None where there is no Go."""
    if not shutil.which("go"):
        return None
    BUILD.mkdir(parents=True, exist_ok=True)
    program = BUILD / "tasks-go"
    subprocess.run(["go", "build", "-o", program, bench.TASKS / "tasks.go"], check=True, cwd=bench.ROOT)
    return Peer("go", [str(program)])


def python_with(module):
    """A Python that has the module: this one, or the system's."""
    for python in (os.path.realpath(sys.executable), "/usr/bin/python3"):
        if os.path.exists(python) and subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0:
            return python
    return None


def peers(tg, wanted):
    found = [Peer("tg", [tg, str(bench.TASKS / "tasks.tg")])]
    if not wanted or "go" in wanted:
        found += [peer for peer in [compiled_go()] if peer]
    if (not wanted or "node" in wanted) and shutil.which("node"):
        # Nothing in the language cancels an async function that waits.
        found.append(Peer("node", ["node", str(bench.TASKS / "tasks.js")], lacks={"blocked", "cancel", "busy"}))
    for module, lacks in (("asyncio", set()), ("trio", {"busy"})):
        python = python_with(module) if not wanted or module in wanted else None
        if python:
            found.append(Peer(module, [python, str(bench.TASKS / f"tasks_{module}.py")], True, lacks))
    return found


class Table:
    """Rows of figures by peer: tg's, what it may be, and the others' with their ratio to it."""
    def __init__(self, peers):
        self.peers = peers
        self.rows = [["", "tg", "at most", *(p.name for p in peers[1:])]]
        self.over = []

    def add(self, title, figures, at_most, show):
        """figures: {peer: number, None where it can't, or a text}."""
        tg = figures.get("tg")
        is_over = at_most is not None and isinstance(tg, (int, float)) and tg > at_most
        self.over += [title] if is_over else []
        shown = show(tg) if isinstance(tg, (int, float)) else tg or "-"
        cells = [title, shown + ("*" if is_over else " "), show(at_most) if at_most is not None else ""]
        for peer in self.peers[1:]:
            figure = figures.get(peer.name)
            if isinstance(figure, (int, float)) and isinstance(tg, (int, float)) and tg > 0:
                cells.append(f"{show(figure)} {figure / tg:6.1f}x")
            else:
                cells.append(figure if isinstance(figure, str) else "-")
        self.rows.append(cells)
        progress(title)

    def show(self):
        bench.table(self.rows)


def progress(text):
    if sys.stderr.isatty():
        print(f"\r{text:60}\r", end="", file=sys.stderr, flush=True)


def in_time(seconds):
    """A duration as people read it."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}" if seconds < 1000 * size else f"{seconds:.0f} s"
    return f"{max(seconds, 0) * 1e9:.0f} ns"


def in_bytes(size):
    return f"{size:.0f} B"


# ---- CPU time per operation

class Checker:
    """Collects what did not end well, or printed something else than the others."""
    def __init__(self):
        self.outputs, self.bad = {}, []

    def check(self, peer, what, run, status=0):
        if run.status != status:
            self.bad.append(f"{what}: {peer.name} ended with status {run.status}: {run.err}")
        elif self.outputs.setdefault(what, run.out) != run.out:
            self.bad.append(f"{what}: {peer.name} printed {run.out!r}, others {self.outputs[what]!r}")
        return run


def cpu(peer, checker, repeats, *arguments):
    runs = [checker.check(peer, " ".join(map(str, arguments)), peer.run(*arguments)) for _ in range(repeats)]
    return min(r.cpu for r in runs)


def operations_table(peers, table, checker, repeats, wanted):
    nothing = {p.name: cpu(p, checker, 3, "empty", 0) for p in peers}
    titles = {"in_thousands": "spawn and join, 1,000 to a nursery", "at_once": "spawn 1,000,000 in one nursery",
              "rendezvous": "rendezvous channel, a hop", "skynet": "skynet, 10 to a nursery, a task",
              "ring": "ring of 1,000 tasks, a hop", "buffered": "buffered channel, 100 to 100, an item",
              "locked": "lock, 100 tasks, yield inside, a turn", "sieve": "prime sieve, a message",
              "sleepers": "tasks that sleep 0 to 1 s, CPU each"}
    for work in bench.task_works():
        if work.name not in titles or (wanted and work.name not in wanted):
            continue
        for peer in peers:  # the same output at the same size, before times are compared
            checker.check(peer, f"{work.name} {work.tiny}", peer.run(work.name, work.tiny))
        figures = {}
        for peer in peers:
            size = work.slow if peer.is_slow else work.full
            seconds = cpu(peer, checker, 1 if peer.is_slow else repeats, work.name, size)
            figures[peer.name] = (seconds - nothing[peer.name]) / work.operations(size)
        table.add(titles[work.name], figures, int(work.at_most) * 1e-9, in_time)


# ---- Memory, cancelling

def status_of(child, what):
    """A figure of /proc/PID/status, in bytes."""
    with open(f"/proc/{child.pid}/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what + ":"))


def until_ready(peer, work, n):
    """Ends it once all its tasks wait; its greatest size, and the CPU time until then."""
    sizes = []

    def at_line(child, line):
        sizes.append(status_of(child, "VmHWM"))
        child.kill()
    run = peer.run(work, n, on_line=at_line)
    return sizes[0] if sizes else 0, run.cpu


def memory_rows(peers, table):
    asleep = {}
    for peer in peers:
        n = peer.many
        asleep[peer.name] = (until_ready(peer, "asleep", n)[0] - until_ready(peer, "asleep", 1)[0]) / n
    table.add("bytes per sleeping task", asleep, 320, in_bytes)
    returned = {}
    for peer in peers:
        sizes = []

        def at_line(child, line):
            if line == "ready":
                sizes.append(status_of(child, "VmRSS"))
                child.stdin.write(b"\n")
                child.stdin.flush()
        n = peer.many
        peer.run("memory", n, on_line=at_line)
        if len(sizes) == 2:
            returned[peer.name] = (sizes[1] - sizes[0]) / n
    table.add("bytes kept per task that has ended", returned, 16, in_bytes)


def cancel_row(peers, table, checker):
    figures = {}
    for peer in peers:
        if "cancel" in peer.lacks:
            continue
        n = peer.many
        before = min(until_ready(peer, "blocked", n)[1] for _ in range(2))
        figures[peer.name] = (cpu(peer, checker, 2, "cancel", n) - before) / n
    table.add("cancelling 1,000,000 blocked tasks with finally, each", figures, 0.3e-6, in_time)


# ---- Ctrl-C

def press_into(peer, n):
    """Seconds from a Ctrl-C until the process is gone; a text where that never came, or a handler did not run."""
    pressed = []

    def at_line(child, line):
        if line == "ready":
            time.sleep(0.2)  # the busy one is busy
            pressed.append(time.monotonic())
            child.send_signal(signal.SIGINT)
            patience = threading.Timer(HANGS, child.kill)
            patience.daemon = True
            patience.start()
    begun = time.monotonic()
    run = peer.run("interrupt", n, on_line=at_line)
    if run.status == -signal.SIGKILL or not pressed:
        return "never"
    if run.out.split("\n")[1:2] != [f"interrupt {n + 1} {n + 1}"]:
        return "lost some"
    return begun + run.wall - pressed[0]


def interrupt_rows(peers, table):
    figures = {}
    for n, at_most in ((MILLION // 10, 0.05), (MILLION, 0.5)):
        able = [p for p in peers if figures.get(p.name) != "never" and not (p.is_slow and n == MILLION)]
        figures = {p.name: press_into(p, n) for p in able}
        table.add(f"Ctrl-C into {n:,} blocked tasks and a busy one", figures, at_most, in_time)


def busy_rows(peers, table):
    """From a Ctrl-C to its handler, in code that never waits: the median of some."""
    for kind in BUSY:
        figures = {}
        for peer in peers:
            if "busy" in peer.lacks:
                continue
            pressed, delays = [], []

            def at_line(child, line):
                now = time.monotonic()
                if line == "ready":
                    time.sleep(0.1)
                    pressed.append(time.monotonic())
                    child.send_signal(signal.SIGINT)
                elif line == "caught":
                    delays.append(now - pressed[-1])
            peer.run("busy", PRESSES, kind, on_line=at_line, limit=30)
            figures[peer.name] = bench.median(delays) if len(delays) == PRESSES else "lost some"
        table.add(f"Ctrl-C while busy with {kind}, the median of {PRESSES}", figures, 0.001, in_time)


def late_row(peers, table):
    figures = {}
    for peer in peers:
        words = peer.run("late", 10000, limit=30).out.split()
        figures[peer.name] = int(words[1]) * 1e-6 if len(words) == 2 else None
    table.add("sleeps of 1 ms beside 10,000 tasks at work: 99.9 % late by", figures, 0.2e-3, in_time)


# ---- Growth

def memory_available():
    with open("/proc/meminfo") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def growth(peers, checker):
    """{peer: [(live tasks, ns of CPU each)]}; as far as the memory reaches."""
    lines = {}
    for peer in peers:
        nothing = cpu(peer, checker, 2, "empty", 0)
        lines[peer.name] = []
        most = {"tg": 10 * MILLION}.get(peer.name, MILLION // 20 if peer.is_slow else MILLION)
        enough = MILLION // 100 if peer.is_slow else MILLION // 4  # tasks for a steady figure
        for power in range(1, 8):
            n = 10 ** power
            bytes_each = 1000 if peer.name == "tg" else 6000
            if n > most or n * bytes_each * 1.2 > memory_available():
                break
            rounds = max(enough // n, 1)
            run = peer.run("live", n, rounds)
            if run.status != 0:
                checker.bad.append(f"live {n}: {peer.name} ended with status {run.status}: {run.err}")
                break
            lines[peer.name].append((n, max(run.cpu - nothing, 1e-9) / (n * rounds) * 1e9))
            progress(f"growth: {peer.name} {n}")
    return lines


def show_growth(lines, path):
    most = max(len(line) for line in lines.values())
    rows = [["tasks alive at once", *(f"{10 ** power:,}" for power in range(1, most + 1))]]
    for name, line in lines.items():
        rows.append([f"{name}, each", *(in_time(y * 1e-9) for _, y in line)])
    bench.table(rows)
    text = plot.svg("Starting a task, waiting in it, ending it", "tasks alive at the same time",
                    "CPU time each, nanoseconds", {name: line for name, line in lines.items() if line})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    print(f"The plot is in {path.relative_to(bench.ROOT)}.")


def main():
    parser = argparse.ArgumentParser(prog="make bench-tasks ARGS=...", description=__doc__.splitlines()[0])
    parser.add_argument("works", nargs="*", help="names of tasks/sizes.txt, memory, cancel, interrupt, busy, late, growth; all")
    parser.add_argument("--peers", default="", help="with commas between: go, node, asyncio, trio; all that are there")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--tg", default=str(bench.ROOT / "tg"), help="which tg")
    parser.add_argument("--plot", action="store_true", help="draws docs/growth.svg (else build/bench/growth.svg)")
    options = parser.parse_args()
    everybody = peers(options.tg, [p.strip() for p in options.peers.split(",") if p.strip()])
    table, checker = Table(everybody), Checker()
    parts = {"memory": lambda: memory_rows(everybody, table), "cancel": lambda: cancel_row(everybody, table, checker),
             "interrupt": lambda: interrupt_rows(everybody, table), "busy": lambda: busy_rows(everybody, table),
             "late": lambda: late_row(everybody, table)}
    known = {w.name for w in bench.task_works()} | set(parts) | {"growth"}
    unknown = set(options.works) - known
    if unknown:
        sys.exit(f"no such work: {', '.join(sorted(unknown))}; there are: {' '.join(sorted(known))}")
    if not options.works or set(options.works) - set(parts) - {"growth"}:
        operations_table(everybody, table, checker, options.repeats, set(options.works))
    for name, part in parts.items():
        if not options.works or name in options.works:
            part()
    if len(table.rows) > 1:
        table.show()
        print("* over what it may be. 3.0x: three times tg's figure.\n", flush=True)
    if not options.works or "growth" in options.works:
        where = bench.ROOT / "docs" if options.plot else BUILD
        show_growth(growth(everybody, checker), where / "growth.svg")
    for line in checker.bad:
        print(f"WRONG: {line}", file=sys.stderr)
    sys.exit(1 if checker.bad else 0)


main()
