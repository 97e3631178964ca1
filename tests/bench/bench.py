"""What the parts of the benchmark share: programs, peers, and how a run is measured."""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TASKS = HERE / "tasks"
TIME_LIMIT = 120  # seconds that one run may take
SMALL = 14  # the first so many programs of sizes.txt are the small ones


@dataclass
class Program:
    name: str
    full: str
    count: str
    tiny: str

    def path(self, extension):
        return str(HERE / self.name / f"{self.name}.{extension}")


def programs(wanted):
    """Those of sizes.txt, or the wanted ones of them."""
    rows = [line.split() for line in (HERE / "sizes.txt").read_text().splitlines()]
    found = [Program(*row) for row in rows if row and row[0] != "#"]
    unknown = set(wanted) - {p.name for p in found}
    if unknown:
        sys.exit(f"no such program: {', '.join(sorted(unknown))}; there are: {' '.join(p.name for p in found)}")
    return [p for p in found if not wanted or p.name in wanted]


@dataclass
class TaskWork:
    """A work of tasks/tasks.tg, and how many operations it is."""
    name: str
    full: str
    slow: str
    count: str
    tiny: str
    at_most: str  # ns that an operation may take, or -

    def operations(self, size):
        size = int(size)
        if self.name == "skynet":
            return (10 * size - 1) // 9
        return sieve_messages(size) if self.name == "sieve" else max(size, 1)


def sieve_messages(primes):
    """How often a number is received in the concurrent sieve until so many primes are found."""
    found, messages, number = [], 0, 1
    while len(found) < primes:
        number += 1
        passed = next((i for i, p in enumerate(found) if number % p == 0), len(found))
        messages += passed + 1
        found += [number] if passed == len(found) else []
    return messages


def task_works():
    rows = [line.split() for line in (TASKS / "sizes.txt").read_text().splitlines()]
    return [TaskWork(*row) for row in rows if row and row[0] != "#"]


@dataclass
class Peer:
    name: str
    command: list
    extension: str
    is_compiler: bool = False  # it makes machine code: shown, but not what tg is held against


def peers(tg, wanted):
    """tg and those of the others that are installed; lua5.4, the measure, always."""
    found = [Peer("tg", [tg], "tg")]
    rows = [
        ("lua5.4", "lua5.4", [], "lua", False),
        ("luajit -joff", "luajit", ["-joff"], "lua", False),
        ("node --jitless", "node", ["--jitless"], "js", False),
        # This Python, not what may be a script that looks for one.
        ("python3", os.path.realpath(sys.executable), [], "py", False),
        ("luajit", "luajit", [], "lua", True),
        ("node", "node", [], "js", True),
    ]
    for name, command, options, extension, is_compiler in rows:
        path = shutil.which(command)
        if path and (not wanted or name in wanted or name == "lua5.4"):
            found.append(Peer(name, [path, *options], extension, is_compiler))
    unknown = set(wanted) - {row[0] for row in rows} - {"tg"}
    if unknown:
        sys.exit(f"no such peer: {', '.join(sorted(unknown))}; there are: {', '.join(row[0] for row in rows)}")
    if len(found) < 2 or found[1].name != "lua5.4":
        sys.exit("lua5.4 is not installed: the ratios are to it (Debian: apt-get install lua5.4)")
    return found


@dataclass
class Run:
    user: float  # seconds
    system: float
    wall: float
    peak: int  # KiB; not below what this Python takes itself, as a child begins as a copy of it
    status: int
    out: str
    err: str

    @property
    def cpu(self):
        return self.user + self.system


def read_lines(child, on_line):
    lines = []
    for line in child.stdout:
        if on_line:
            on_line(child, line.decode(errors="replace").strip())
        lines.append(line)
    return b"".join(lines).decode(errors="replace")


def run(command, on_line=None, limit=TIME_LIMIT, env=None):
    """One run of a command, measured. on_line(child, line) hears each line that it prints, and may write to its stdin."""
    with tempfile.TemporaryFile() as errors:
        started = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, cwd=ROOT, env=env,
                                 stdin=subprocess.PIPE if on_line else subprocess.DEVNULL)
        watchdog = threading.Timer(limit, child.kill)
        watchdog.start()
        out = read_lines(child, on_line)
        child.stdout.close()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - started
        watchdog.cancel()
        if child.stdin:
            child.stdin.close()
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        err = errors.read(1000).decode(errors="replace")
    return Run(usage.ru_utime, usage.ru_stime, wall, usage.ru_maxrss, child.returncode, out, err)


def median(values):
    return statistics.median(values)


def geometric_mean(values):
    values = [v for v in values if v]
    return statistics.geometric_mean(values) if values else None


def table(rows):
    """Prints rows of texts in columns, the first to the left."""
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(len(rows[0]))]
    for row in rows:
        cells = [c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())
    print(flush=True)
