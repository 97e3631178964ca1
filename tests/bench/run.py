#!/usr/bin/env python3
"""make bench: tg against other interpreters, on the same work.

Runs are interleaved (A B C, A B C), the figure is the user time of the whole process, the median of
the repeats, in relation to lua5.4. Installs nothing, and uses the peers that are there.
"""
import argparse
import sys

import bench
import extras


def progress(text):
    if sys.stderr.isatty():
        print(f"\r{text:40}\r", end="", file=sys.stderr, flush=True)


def measure(programs, peers, repeats):
    """{program: {peer: [Run]}}, round by round."""
    runs = {p.name: {peer.name: [] for peer in peers} for p in programs}
    for turn in range(repeats):
        for p in programs:
            for peer in peers:
                runs[p.name][peer.name].append(bench.run([*peer.command, p.path(peer.extension), p.full]))
            progress(f"{turn + 1}/{repeats} {p.name}")
    progress("")
    return runs


def wrong(runs):
    """What did not end well or printed something else than lua5.4, as lines."""
    lines = []
    for name, by_peer in runs.items():
        expected = by_peer["lua5.4"][0].out
        for peer, results in by_peer.items():
            bad = next((r for r in results if r.status != 0 or r.out != expected), None)
            if bad and bad.status != 0:
                lines.append(f"{name}: {peer} ended with status {bad.status}: {bad.err}")
            elif bad:
                lines.append(f"{name}: {peer} printed {bad.out!r}, lua5.4 {expected!r}")
    return lines


def ratios(runs, peers):
    """{program: {peer: median user time / lua5.4's}}, without what failed."""
    result = {}
    for name, by_peer in runs.items():
        base = bench.median([r.user for r in by_peer["lua5.4"]]) or 0.001
        result[name] = {
            peer.name: bench.median([r.user for r in by_peer[peer.name]]) / base
            for peer in peers
            if all(r.status == 0 for r in by_peer[peer.name])
        }
    return result


def show(runs, peers):
    by_program = ratios(runs, peers)
    others = [p for p in peers if p.name != "lua5.4"]
    rivals = [p.name for p in peers if p.name != "tg" and not p.is_compiler]
    rows = [["user time / lua5.4's", "lua5.4 s", *(p.name for p in others)]]
    for name, row in by_program.items():
        slower = "tg" in row and row["tg"] > min(row[r] for r in rivals if r in row)
        cells = []
        for p in others:
            mark = " " if p.name != "tg" else "*" if slower else " "
            cells.append(f"{row[p.name]:.2f}{mark}" if p.name in row else "- ")
        rows.append([name, f"{bench.median([r.user for r in runs[name]['lua5.4']]):.3f}", *cells])
    names = list(by_program)
    small = [p.name for p in bench.programs([])[:bench.SMALL] if p.name in names]
    groups = [("mean of the small", small), ("mean of the larger", [n for n in names if n not in small]),
              ("geometric mean", names)]
    for title, group in groups:
        means = [bench.geometric_mean([by_program[n].get(p.name) for n in group]) for p in others]
        if group:
            rows.append([title, "1", *(f"{m:.2f} " if m else "- " for m in means)])
    bench.table(rows)
    print(f"* slower than the fastest of {', '.join(rivals)}\n", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="*", help="names of sizes.txt; all if none is given")
    parser.add_argument("--peers", default="", help="with commas between: tg, lua5.4, luajit -joff, …; all that are there")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tg", default=str(bench.ROOT / "tg"), help="which tg")
    parser.add_argument("--no-extras", action="store_true", help="the table alone")
    parser.add_argument("--extras", action="store_true", help="the rest alone: start, compiling, exceptions, memory, pauses")
    options = parser.parse_args()
    wanted = [p.strip() for p in options.peers.split(",") if p.strip()]
    peers = bench.peers(options.tg, wanted)
    bad = []
    if not options.extras:
        runs = measure(bench.programs(options.programs), peers, max(options.repeats, 1))
        show(runs, peers)
        bad = wrong(runs)
        for line in bad:
            print(f"WRONG: {line}", file=sys.stderr)
    if options.extras or not (options.no_extras or options.programs):
        extras.show(peers)
    sys.exit(1 if bad else 0)


main()
