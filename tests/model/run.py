#!/usr/bin/env python3
"""Runs N random programs in the model and in tg and compares what each task printed and how it ended.

    python3 tests/model/run.py N [--seed S] [--tg PATH] [--presses | --schedules]

With --presses each program is also run with a Ctrl-C at each of its boundaries: what tg did must be one of
the outcomes that the model has for a Ctrl-C somewhere, and each outcome of the model must come in tg.
With --schedules tg explores each program (tg check --schedules), and every outcome of the model, whichever task it
wakes first, must be among those that tg has found, where it could try all.
Programs that differ are written to a folder, with both traces and a minimal program.
"""
import argparse
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import model
from generate import Invalid, program, text

EXC = re.compile(r'(\w+)\("((?:[^"\\]|\\.)*)"\)')
LINE = re.compile(r'^(T\S*) (.*)$')
TG = FLAGS = None


def normal(m):
    t, msg = m.group(1), m.group(2)
    return "%s(%s)" % (t, msg if t in ("ValueError", "KeyError") and re.match(r'^(m\d+)?$', msg) else "*")


def end_of(status):
    if status == -signal.SIGINT:
        return "SIGINT"
    return str(status)


def run_tg(source, flags=()):
    """(key, raw) of a run of tg."""
    fd, path = tempfile.mkstemp(suffix=".tg")
    try:
        os.write(fd, source.encode())
        os.close(fd)
        try:
            r = subprocess.run([TG, "--virtual-time", *FLAGS, *flags, path], capture_output=True, text=True, timeout=20,
                               stdin=subprocess.DEVNULL, errors="replace")
        except subprocess.TimeoutExpired as e:
            return ((), "hangs"), "hangs\n%s" % (e.stdout or b"").decode()
    finally:
        os.unlink(path)
    end = end_of(r.returncode)
    return parse(r.stdout, end), \
        "%s# ends: %s\n%s" % (r.stdout, end, r.stderr)


def parse(stdout, end):
    per = {}
    for line in stdout.splitlines():
        m = LINE.match(line)
        label, t = m.groups() if m else ("?", line)
        per.setdefault(label, []).append(EXC.sub(normal, t))
    return tuple(sorted((k, tuple(v)) for k, v in per.items())), end


def normal_key(key):
    """Deadlocks of one group count as one: how many tasks get one is not compared."""
    lines, end = key

    def f(t):
        m = re.match(r'^(\S+) \[(.*)\]$', t)
        if not m:
            return t
        seen = []
        for e in m.group(2).split(", "):
            if not (e == "Deadlock(*)" and e in seen):
                seen.append(e)
        return "%s [%s]" % (m.group(1), ", ".join(seen))
    return tuple((k, tuple(f(t) for t in v)) for k, v in lines), \
        "SIGINT" if end == "killed" else end


def sorted_key(key):
    lines, end = key

    def f(t):
        m = re.match(r'^(\S+) \[(.*)\]$', t)
        return "%s [%s]" % (m.group(1), ", ".join(sorted(m.group(2).split(", ")))) if m else t
    return tuple((k, tuple(f(t) for t in v)) for k, v in lines), end


def compare(p):
    """None where tg did what the model allows, else (model's outcome, tg's raw output); and how it was met."""
    source = text(p)
    got, raw = run_tg(source)
    got = normal_key(got)
    first = None
    for n, policy in enumerate(model.Policy.all()):
        o = model.run(p, policy)
        key = normal_key(o.key())
        if first is None:
            first = o
        if key == got:
            return None, n
        if o.unclear:
            return None, "unclear"
    o = model.run(p)
    if sorted_key(normal_key(o.key())) == sorted_key(got):
        return (o, raw), "order"
    return (first, raw), "differs"


def show(key):
    return "".join("%s %s\n" % (k, t) for k, v in key[0] for t in v) + "# ends: %s\n" % key[1]


def compare_presses(p, most=80):
    source = text(p)
    total = model.run(p).boundaries
    if total > most:
        return None, "long"
    allowed, must = {}, {}
    for policy in list(model.Policy.all())[:5]:
        for k in range(1, total + 2):
            o = model.run(p, policy, (k,))
            allowed.setdefault(sorted_key(normal_key(o.key())), k)
    for k in range(1, total + 2):
        o = model.run(p, None, (k,))
        if k not in o.soft:
            must.setdefault(sorted_key(normal_key(o.key())), k)
    seen = {}
    for k in range(1, total + total // 3 + len(p.objects) + 8):
        got, raw = run_tg(source, ("--press=%d" % k,))
        got = sorted_key(normal_key(got))
        seen.setdefault(got, k)
        if got not in allowed:
            o = model.run(p, None, (k,))
            return (o, "press at %d\n%s" % (k, raw)), "press"
    for key, k in must.items():
        if key not in seen:
            return (model.run(p, None, (k,)), "press: this outcome (model's press at %d) never came\n" % k), "missed"
    return None, 0


def compare_two(p, seed, count=12, most=60):
    """Two presses at random boundaries: what tg did must be an outcome of the model for two somewhere."""
    import random
    source = text(p)
    total = model.run(p).boundaries
    if total > most:
        return None, "long"
    allowed = set()
    for a in range(1, total + 2):
        n = model.run(p, None, (a,)).boundaries
        for policy in list(model.Policy.all())[:2]:
            for b in range(a + 1, n + 2):
                allowed.add(sorted_key(normal_key(model.run(p, policy, (a, b)).key())))
        allowed.add(sorted_key(normal_key(model.run(p, None, (a,)).key())))
    r = random.Random(seed)
    for _ in range(count):
        a = r.randint(1, total)
        b = a + r.randint(1, 12)
        got, raw = run_tg(source, ("--press=%d,%d" % (a, b),))
        got = sorted_key(normal_key(got))
        if got not in allowed:
            return (model.run(p, None, (a, b)), "presses at %d, %d\n%s" % (a, b, raw)), "two presses"
    return None, 0


OUTCOME = re.compile(r'^outcome: (\d+) (\d+) (.*?)\| (.*)$')


def explore(source):
    """The outcomes that tg finds by all schedules; None where a bound stopped it."""
    fd, path = tempfile.mkstemp(suffix=".tg")
    try:
        os.write(fd, source.encode())
        os.close(fd)
        r = subprocess.run([TG, "check", "--schedules", "--any-output", "--outcomes", "--seconds=5", "--max-runs=20000", path],
                           capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, errors="replace")
    finally:
        os.unlink(path)
    if ": complete: " not in r.stdout:
        return None, r.stdout
    found = set()
    for line in r.stdout.splitlines():
        m = OUTCOME.match(line)
        if m:
            end = {"0": "0", "1": "1", "3": "SIGINT"}.get(m.group(1), m.group(2))
            found.add(sorted_key(normal_key(parse(re.sub(r"\\(.)", lambda e: "\n" if e.group(1) == "n" else e.group(1), m.group(4)), end))))
    return found, r.stdout


def compare_schedules(p):
    outcomes = []
    for wake, waiters in (("id", True), ("reverse", True), ("random", True)):
        for seed in range(8 if wake == "random" else 1):
            o = model.run(p, model.Policy(wake, waiters, True, seed))
            if o.unclear:
                return None, "unclear"
            outcomes.append(o)
    found, raw = explore(text(p))
    if found is None:
        return None, "bound"
    for o in outcomes:
        if sorted_key(normal_key(o.key())) not in found:
            return (o, raw), "not found"
    return None, "found"


# -- shrinking ---------------------------------------------------------------------------------
def cuts(p):
    """Programs with one thing less, the largest cuts first."""
    def blocks(stmts, path):
        yield path
        for i, s in enumerate(stmts):
            for name in s.b:
                yield from blocks(s.b[name], path + ((i, name),))

    def at(q, path):
        b = q.body
        for i, name in path:
            b = b[i].b[name]
        return b
    paths = list(blocks(p.body, ()))
    for path in paths:
        n = len(at(p, path))
        for size in (n, n // 2, 1):
            if size < 1 or (size == n and n == 1 and False):
                continue
            for k in range(0, n, size):
                q = p.copy()
                del at(q, path)[k:k + size]
                yield q
    for path in paths:
        for i, s in enumerate(at(p, path)):
            for name in s.b:
                q = p.copy()
                at(q, path)[i:i + 1] = at(q, path)[i].b[name]
                yield q
            for name in ("finally", "else"):
                if name in s.b:
                    q = p.copy()
                    del at(q, path)[i].b[name]
                    yield q
            if s.kind == "try":
                for h in range(len(s.a["handlers"])):
                    q = p.copy()
                    t = at(q, path)[i]
                    hs = [t.b.pop("h%d" % j) for j in range(len(t.a["handlers"]))]
                    t.a["handlers"] = t.a["handlers"][:h] + t.a["handlers"][h + 1:]
                    del hs[h]
                    t.b.update(("h%d" % j, x) for j, x in enumerate(hs))
                    yield q
            if s.kind == "loop" and s.a["k"] > 1:
                q = p.copy()
                at(q, path)[i].a["k"] = 1
                yield q
            if s.kind == "select" and len(s.a["cases"]) > 1:
                for h in range(len(s.a["cases"])):
                    q = p.copy()
                    t = at(q, path)[i]
                    t.a["cases"] = t.a["cases"][:h] + t.a["cases"][h + 1:]
                    cs = [t.b.pop("c%d" % j) for j in range(len(s.a["cases"]))]
                    del cs[h]
                    t.b.update(("c%d" % j, x) for j, x in enumerate(cs))
                    yield q
            if s.kind == "shield" and s.a.get("d"):
                q = p.copy()
                at(q, path)[i].a["d"] = None
                yield q
            if s.a.get("name") and s.kind == "spawn":
                q = p.copy()
                at(q, path)[i].a["name"] = None
                yield q
    if p.wrap:
        q = p.copy()
        q.wrap = False
        yield q
    src = repr(list(names(p.body)))
    for o in p.objects:
        if "'%s'" % o not in src and not any(x[1:] == (o,) for x in p.objects.values()):
            q = p.copy()
            del q.objects[o]
            yield q


def names(stmts):
    for s in stmts:
        for v in s.a.values():
            yield v
        for b in s.b.values():
            yield from names(b)


def shrink(p, differs, budget=600):
    again = True
    while again and budget > 0:
        again = False
        for q in cuts(p):
            budget -= 1
            if budget <= 0:
                break
            try:
                if differs(q):
                    p, again = q, True
                    break
            except (Invalid, model.Limit, KeyError):
                continue
    return p


def work(job):
    i, seed, stage, presses, schedules, reduce_ = job
    p = program("%d.%d" % (seed, i), stage)
    source = text(p)
    try:
        test = compare_schedules if schedules else compare
        diff, how = test(p)
        if not diff and presses:
            test = compare_presses
            diff, how = test(p)
            if not diff and presses > 1:
                def test(q):
                    return compare_two(q, i)
                diff, how = test(p)
    except model.Limit:
        return i, None, "long", None, None, None
    except Exception as e:
        raise RuntimeError("program %d: %r" % (i, e)) from e
    if not diff:
        return i, None, how, None, None, None
    small = shrink(p, lambda q: test(q)[1] == how) if reduce_ else p
    o, raw = test(small)[0] or diff
    return i, how, how, source, show(diff[0].key()) + "\n-- tg:\n" + diff[1], \
        text(small) + "\n# -- model:\n" + "".join("# %s\n" % x for x in show(o.key()).splitlines()) + \
        "# -- tg:\n" + "".join("# %s\n" % x for x in raw.splitlines())


def init(tg, flags):
    global TG, FLAGS
    TG, FLAGS = tg, flags


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("n", type=int)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--tg", default=os.path.join(HERE, "..", "..", "tg"))
    ap.add_argument("--stage", type=int, default=2, help="1: without semaphores, events, select and the like")
    ap.add_argument("--presses", type=int, default=0, nargs="?", const=1, help="1: a Ctrl-C; 2: also two of them")
    ap.add_argument("--schedules", action="store_true", help="all schedules of each program")
    ap.add_argument("--out", default=os.path.join(tempfile.gettempdir(), "tg-model"))
    ap.add_argument("--first", type=int, default=0, help="the first program")
    ap.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    ap.add_argument("--flags", default="--slice=1000000", help="options of tg, besides --virtual-time")
    ap.add_argument("--no-shrink", action="store_true")
    args = ap.parse_args()
    tg = os.path.abspath(args.tg)
    flags = args.flags.split()
    init(tg, flags)
    jobs = [(i, args.seed, args.stage, args.presses, args.schedules, not args.no_shrink) for i in range(args.first, args.first + args.n)]
    bad, tally = 0, {}
    with multiprocessing.Pool(args.jobs, init, (tg, flags)) as pool:
        for i, diff, how, source, traces, small in pool.imap_unordered(work, jobs, 4):
            tally[how] = tally.get(how, 0) + 1
            if diff:
                bad += 1
                os.makedirs(args.out, exist_ok=True)
                base = os.path.join(args.out, "%d.%d" % (args.seed, i))
                for suffix, t in ((".tg", source), (".traces", traces), (".min.tg", small)):
                    with open(base + suffix, "w") as f:
                        f.write(t)
                print("%s: %s.min.tg" % (how, base), flush=True)
    if os.environ.get("TG_MODEL_TALLY"):
        print(tally)
    print("%d programs, %d differences%s" % (args.n, bad, " (%s)" % args.out if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
