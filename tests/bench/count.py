#!/usr/bin/env python3
"""make bench-count: how many instructions our programs take, under callgrind, against baseline.txt.

Counts do not depend on the machine's load. ACCEPT=1 writes them as the new baseline.
"""
import argparse
import re
import shutil
import subprocess
import sys

import bench

BASELINE = bench.HERE / "baseline.txt"
MAY_GROW = 1.02
HEAD = "# Instructions of each program at its counted size (make bench-count ACCEPT=1 writes this)."


class Counted:
    """What is counted: a program of sizes.txt, or a work of tasks/sizes.txt."""
    def __init__(self, name, arguments, operations=None):
        self.name, self.arguments, self.operations = name, arguments, operations


def everything():
    programs = [Counted(p.name, [p.path("tg"), p.count]) for p in bench.programs([])]
    works = [Counted(f"tasks/{w.name}", [str(bench.TASKS / "tasks.tg"), w.name, w.count], w.operations(w.count))
             for w in bench.task_works()]
    return programs + works


def chosen(wanted):
    """All, or the wanted ones: "tasks" are all of its works."""
    rows = everything()
    unknown = set(wanted) - {r.name for r in rows} - {"tasks"}
    if unknown:
        sys.exit(f"no such program: {', '.join(sorted(unknown))}; there are: {' '.join(r.name for r in rows)}")
    return [r for r in rows if not wanted or r.name in wanted or r.name.split("/")[0] in wanted]


def count(tg, counted):
    """A clock that stands still while the program computes: counts are the same in every run."""
    command = ["env", "-i", "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
               tg, "--virtual-time", *counted.arguments]
    result = subprocess.run(command, capture_output=True, text=True, cwd=bench.ROOT)
    found = re.search(r"Collected : (\d+)", result.stderr)
    if result.returncode != 0 or not found:
        sys.exit(f"{counted.name}: {result.stderr}")
    return int(found.group(1))


def compiler(tg):
    """What the loop was compiled with: the counts are this compiler's."""
    text = subprocess.run(["readelf", "-p", ".comment", tg], capture_output=True, text=True).stdout
    return " ".join(sorted(set(re.findall(r"\]\s+(.+)", text)))) or "unknown"


def read_baseline():
    if not BASELINE.exists():
        return {}, None
    lines = BASELINE.read_text().splitlines()
    made_by = next((line[len("# Made by "):] for line in lines if line.startswith("# Made by ")), None)
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {name: int(number) for name, number in rows}, made_by


def write_baseline(counts, made_by):
    rows = [f"{r.name:18} {counts[r.name]}" for r in everything() if r.name in counts]
    BASELINE.write_text("\n".join([HEAD, f"# Made by {made_by}", *rows]) + "\n")


def each_operation(counted, now, empty):
    """Of a work of tasks: what an operation takes beyond a program that does nothing."""
    if not counted.operations or empty is None:
        return ""
    return f"  {(now - empty) / counted.operations:8.1f} each"


def main():
    parser = argparse.ArgumentParser(prog="make bench-count ARGS=...", description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="*", help="names of sizes.txt, tasks, tasks/ring …; all if none is given")
    parser.add_argument("--tg", default=str(bench.ROOT / "tg"), help="which tg")
    parser.add_argument("--accept", action="store_true", help="write the counts as the new baseline")
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("valgrind is not installed (Debian: apt-get install valgrind)")
    before, made_before = read_baseline()
    made_by = compiler(options.tg)
    counts, grown = {}, []
    print(f"{'program':18} {'baseline':>12} {'now':>12}  ratio")
    for row in chosen(options.programs):
        now = counts[row.name] = count(options.tg, row)
        old = before.get(row.name)
        is_grown = old is not None and now > old * MAY_GROW
        grown += [row.name] if is_grown else []
        print(f"{row.name:18} {old or '-':>12} {now:12}  {f'{now / old:.3f}' if old else '-'}"
              f"{each_operation(row, now, counts.get('tasks/empty'))}{'  grown' if is_grown else ''}", flush=True)
    if options.accept:
        write_baseline({**before, **counts}, made_by)
        return
    if made_before and made_by != made_before:
        print(f"The baseline was made by {made_before}, this tg by {made_by}: the counts differ for that reason, too.")
    if grown:
        sys.exit(f"grown by more than 2 %: {', '.join(grown)}. Where that is meant: make bench-count ACCEPT=1")


main()
