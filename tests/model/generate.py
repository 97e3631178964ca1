#!/usr/bin/env python3
"""Random small programs for the model, and their text in tg.

As a command, `generate.py N FOLDER [--seed S]` writes N programs and what the model says of each.
"""
import argparse
import os
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from model import N, Program, Limit, run

TYPES = ("ValueError", "KeyError")
TAKEN = ("ValueError", "KeyError", "Interrupt", "Error", "Timeout", "TaskCancelled", "Closed", "Deadlock",
         "Exception")


class Invalid(Exception):
    pass


class Ctx:
    """What a statement may use where it stands."""
    def __init__(self, **kw):
        self.nursery = self.loop = self.handler = self.final = self.task = self.enter = False
        self.loops, self.nurseries, self.tasks = (), (), ()
        self.label = "T0"
        self.__dict__.update(kw)

    def but(self, **kw):
        d = dict(self.__dict__)
        d.update(kw)
        return Ctx(**d)


# -- text --------------------------------------------------------------------------------------
class Writer:
    """Writes a program as tg; raises Invalid where tg would refuse it (after a cut of the shrinker)."""
    def __init__(self, p):
        self.p, self.classes, self.out, self.n = p, [], [], 0
        body = []
        self.block(p.body, Ctx(), body, 1 if p.wrap else 0)
        for name, o in p.objects.items():
            call = {"channel": "channel({})", "lock": "lock()", "semaphore": "semaphore({})", "event": "event()",
                    "barrier": "barrier({})", "condition": "condition({})"}[o[0]]
            self.out.append("let %s = %s" % (name, call.format(*o[1:])))
        self.out.append("let x = 0")
        self.out += self.classes
        if p.wrap:
            self.out.append("try {")
        self.out += body
        if p.wrap:
            self.out.append("} except Exception as *es { print(\"T0 END\", es) }")
        self.text = "\n".join(self.out) + "\n"

    def block(self, stmts, c, out, d):
        c = c.but()
        for s in stmts:
            self.stmt(s, c, out, d)

    def stmt(self, s, c, out, d):
        def w(text):
            out.append("    " * d + text)
        k, a = s.kind, s.a
        if c.enter and k not in ("print", "sleep", "incr", "raise", "send", "receive"):
            raise Invalid(k)
        if k == "print":
            w('print("%s %d%s")' % (c.label, a["id"], " x={x}" if a.get("x") else ""))
        elif k == "incr":
            w("x += 1")
        elif k == "sleep":
            w("sleep(%d)" % a["d"])
        elif k == "checkpoint":
            w("checkpoint()")
        elif k == "nursery":
            w("nursery %s {" % a["name"])
            # the body may pass break, continue and return on
            self.block(s.b["body"], c.but(nursery=True, nurseries=c.nurseries + (a["name"],)), out, d + 1)
            w("}")
        elif k == "spawn":
            if not c.nursery:
                raise Invalid("spawn")
            a["label"] = "." + str(a["id"]) + "".join("[{i%d}]" % v for v in c.loops)
            w("%sspawn {" % ("let %s = " % a["name"] if a.get("name") else ""))
            w("    let x = 0")
            self.block(s.b["body"], c.but(nursery=True, loop=False, handler=False, final=False, task=True, loops=(),
                                          label=c.label + a["label"]), out, d + 1)
            w("}")
            if a.get("name"):
                c.tasks += (a["name"],)
        elif k == "ncancel":
            if a["name"] not in c.nurseries:
                raise Invalid(k)
            w("%s.cancel()" % a["name"])
        elif k in ("tcancel", "twait"):
            if a["name"] not in c.tasks:
                raise Invalid(k)
            w("%s.%s()" % (a["name"], k[1:]))
        elif k == "timeout":
            w("timeout %d {" % a["d"])
            self.block(s.b["body"], c, out, d + 1)
            if "else" in s.b:
                w("} else {")
                self.block(s.b["else"], c, out, d + 1)
            w("}")
        elif k == "shield":
            w("shield %s{" % ("%d " % a["d"] if a.get("d") else ""))
            self.block(s.b["body"], c, out, d + 1)
            w("}")
        elif k == "try":
            if not a["handlers"] and "finally" not in s.b:
                raise Invalid(k)
            w("try {")
            self.block(s.b["body"], c, out, d + 1)
            for i, (t, mark) in enumerate(a["handlers"]):
                w("} except %sas *es {" % ("" if t == "Error" else t + " "))
                w('    print("%s %s", es)' % (c.label, mark))
                self.block(s.b["h%d" % i], c.but(handler=True), out, d + 1)
            if "finally" in s.b:
                w("} finally {")
                self.block(s.b["finally"], c.but(final=True, loop=False, task=False, handler=False), out, d + 1)
            w("}")
        elif k == "raise":
            w("raise %s" % a["type"] + ('("%s")' % a.get("message", "") if a["call"] else ""))
        elif k == "reraise":
            if not c.handler:
                raise Invalid(k)
            w("raise")
        elif k in ("break", "continue"):
            if not c.loop:
                raise Invalid(k)
            w(k)
        elif k == "return":
            if not c.task:
                raise Invalid(k)
            w(k)
        elif k == "loop":
            w("for i%d in 0..%d {" % (a["var"], a["k"]))
            self.block(s.b["body"], c.but(loop=True, loops=c.loops + (a["var"],)), out, d + 1)
            w("}")
        elif k == "with":
            n = self.n = self.n + 1
            w('with C%d("%s") {' % (n, c.label))
            self.block(s.b["body"], c, out, d + 1)
            w("}")
            inner = Ctx(label="{l}")
            o = ["class C%d {" % n, "    fn init(l) { self.l = l }", "    fn enter() {", "        let l = self.l",
                 "        let x = 0"]
            self.block(s.b["enter"], inner.but(enter=True), o, 2)
            o += ["    }", "    fn exit() {", "        let l = self.l", "        let x = 0"]
            self.block(s.b["exit"], inner, o, 2)
            o += ["    }", "}"]
            self.classes += o
        elif k == "send":
            w("%s.send(%d)" % (a["ch"], a["id"]))
        elif k == "receive":
            w("let v%d = %s.receive()" % (a["id"], a["ch"]))
            w('print("%s %d got {v%d}")' % (c.label, a["id"], a["id"]))
        elif k == "try_send":
            w("let v%d = %s.try_send(%d)" % (a["id"], a["ch"], a["id"]))
            w('print("%s %d {v%d}")' % (c.label, a["id"], a["id"]))
        elif k == "try_receive":
            w("let v%d = %s.try_receive()" % (a["id"], a["ch"]))
            w('print("%s %d got {v%d}")' % (c.label, a["id"], a["id"]))
        elif k == "close":
            w("%s.close()" % a["ch"])
        elif k == "chfor":
            w("for v%d in %s {" % (a["id"], a["ch"]))
            w('    print("%s %d each {v%d}")' % (c.label, a["id"], a["id"]))
            self.block(s.b["body"], c.but(loop=True), out, d + 1)
            w("}")
        elif k in ("acquire", "release"):
            w("%s.%s()" % (a["lock"], k))
        elif k == "withlock":
            w("with %s {" % a["lock"])
            self.block(s.b["body"], c, out, d + 1)
            w("}")
        elif k in ("sacquire", "srelease", "eset", "ewait", "bwait", "cwait", "cnotify", "cnotify_all"):
            w("%s.%s()" % (a["o"], k[1:]))
        elif k == "withsem":
            w("with %s {" % a["o"])
            self.block(s.b["body"], c, out, d + 1)
            w("}")
        elif k == "select":
            w("select {")
            for i, (what, o) in enumerate(a["cases"]):
                if what == "twait" and o not in c.tasks:
                    raise Invalid(k)
                tail = ' print("%s %d case %d%s")' % (c.label, a["id"], i, " {v}" if what == "receive" else "")
                w("    case %s {%s" % ({"receive": "let v = %s.receive()" % o, "send": "%s.send(%d)" % (o, a["id"]),
                                        "sleep": "sleep(%s)" % o, "twait": "%s.wait()" % o, "ewait": "%s.wait()" % o,
                                        "acquire": "%s.acquire()" % o}[what], tail))
                self.block(s.b["c%d" % i], c, out, d + 2)
                w("    }")
            if "else" in s.b:
                w("    else {")
                self.block(s.b["else"], c, out, d + 2)
                w("    }")
            w("}")
        else:
            raise Invalid(k)


def text(p):
    return Writer(p).text


# -- programs ----------------------------------------------------------------------------------
class Gen:
    def __init__(self, seed, stage=1):
        self.r = random.Random(seed)
        self.next = 0
        self.left = self.r.choice((6, 10, 16, 24, 34))
        self.stage = stage
        r = self.r
        self.objects = {"c0": ("channel", 0), "c1": ("channel", r.choice((0, 1, 2))), "m0": ("lock",)}
        if r.random() < 0.3:
            self.objects["m1"] = ("lock",)
        if stage > 1:
            self.objects["s0"] = ("semaphore", r.choice((0, 1, 1, 2)))
            self.objects["e0"] = ("event",)
            self.objects["b0"] = ("barrier", r.choice((2, 2, 3)))
            self.objects["k0"] = ("condition", "m0")
        # how much of what this program has
        self.w = {
            "print": 8, "incr": 3, "sleep": 8, "checkpoint": 2, "nursery": 6, "spawn": 14, "ncancel": 2.5,
            "tcancel": 2, "twait": 2.5, "timeout": 5, "shield": 3, "try": 8, "raise": 4, "reraise": 4, "break": 1,
            "continue": 0.6, "return": 1, "loop": 1.5, "with": 2.5}
        if r.random() < 0.5:
            self.w.update({"send": 4, "receive": 4, "try_send": 1, "try_receive": 1, "close": 1.2, "chfor": 1.2})
        if r.random() < 0.35:
            self.w.update({"acquire": 1, "release": 1, "withlock": 4})
        if stage > 1:
            if r.random() < 0.3:
                self.w.update({"sacquire": 2, "srelease": 2, "withsem": 3})
            if r.random() < 0.3:
                self.w.update({"eset": 2, "ewait": 3})
            if r.random() < 0.2:
                self.w.update({"bwait": 4})
            if r.random() < 0.3:
                self.w.update({"cwait": 4, "cnotify": 2, "cnotify_all": 1, "withlock": 4})
            if r.random() < 0.4:
                self.w.update({"select": 6})

    def id(self):
        self.next += 1
        return self.next

    def program(self):
        r = self.r
        c = Ctx()
        body = []
        if r.random() < 0.8:
            s = N("nursery", {"name": "n%d" % self.id()})
            s.b["body"] = self.block(c.but(nursery=True, nurseries=(s.a["name"],)), 1, 6)
            body = self.block(c, 1, 1) + [s] + self.block(c, 1, 2)
        else:
            body = self.block(c, 0, 6)
        return Program(body, self.objects, r.random() < 0.6)

    def block(self, c, depth, most):
        c = c.but()
        out = []
        for _ in range(self.r.randint(1 if most < 4 else 2, most)):
            if self.left <= 0:
                break
            s = self.stmt(c, depth)
            out.append(s)
            if s.kind in ("break", "continue", "return", "reraise") or (s.kind == "raise" and self.r.random() < .8):
                break
        return out or [self.print()]

    def print(self):
        return N("print", {"id": self.id(), "x": self.r.random() < 0.4})

    def stmt(self, c, depth):
        r = self.r
        self.left -= 1
        kinds = []
        for k, w in self.w.items():
            if c.enter and k not in ("print", "sleep", "incr", "raise", "send", "receive"):
                continue
            if depth > 6 and k in ("nursery", "spawn", "timeout", "shield", "try", "loop", "with", "withlock", "select"):
                continue
            if (k == "spawn" and not c.nursery) or (k == "ncancel" and not c.nurseries) or \
               (k in ("tcancel", "twait") and not c.tasks) or (k == "reraise" and not c.handler) or \
               (k in ("break", "continue") and not c.loop) or (k == "return" and not c.task):
                continue
            kinds.append((k, w))
        k = r.choices([k for k, _ in kinds], [w for _, w in kinds])[0]
        s = N(k, {"id": self.id()})
        a, b = s.a, s.b
        sub = lambda c2=c, most=3: self.block(c2, depth + 1, most)
        chans = [o for o in self.objects if o[0] == "c"]
        locks = [o for o in self.objects if o[0] == "m"]
        if k == "print":
            a["x"] = r.random() < 0.4
        elif k == "sleep":
            a["d"] = r.randint(1, 6)
        elif k == "nursery":
            a["name"] = "n%d" % a["id"]
            b["body"] = sub(c.but(nursery=True, nurseries=c.nurseries + (a["name"],)), 5)
        elif k == "spawn":
            b["body"] = sub(c.but(loop=False, handler=False, final=False, task=True, loops=()), 4)
            if r.random() < 0.4:
                a["name"] = "t%d" % a["id"]
                c.tasks += (a["name"],)
        elif k == "ncancel":
            a["name"] = r.choice(c.nurseries)
        elif k in ("tcancel", "twait"):
            a["name"] = r.choice(c.tasks)
        elif k == "timeout":
            a["d"] = r.randint(1, 5)
            b["body"] = sub(most=4)
            if r.random() < 0.4:
                b["else"] = sub(most=2)
        elif k == "shield":
            if r.random() < 0.4:
                a["d"] = r.randint(1, 5)
            b["body"] = sub(most=4)
        elif k == "try":
            b["body"] = sub(most=4)
            n = r.choice((0, 1, 1, 1, 2, 2, 3))
            weights = (4, 4, 4, 3, 2, 1, 1, 1, 1)
            a["handlers"] = []
            for i in range(n):
                a["handlers"].append((r.choices(TAKEN, weights)[0], "h%d" % self.id()))
                b["h%d" % i] = sub(c.but(handler=True), 2)
            if not n or r.random() < 0.4:
                b["finally"] = sub(c.but(final=True, loop=False, task=False, handler=False), 3)
        elif k == "raise":
            a["type"] = r.choice(TYPES) if r.random() < 0.75 else "Interrupt"
            a["call"] = r.random() < 0.7
            a["message"] = "" if a["type"] == "Interrupt" or not a["call"] else "m%d" % a["id"]
        elif k == "loop":
            a["var"], a["k"] = a["id"], r.randint(1, 3)
            b["body"] = sub(c.but(loop=True, loops=c.loops + (a["var"],)), 3)
        elif k == "with":
            inner = Ctx(label="{l}")
            b["body"] = sub(most=3)
            b["enter"] = sub(inner.but(enter=True), 2) if r.random() < 0.4 else [self.print()]
            b["exit"] = sub(inner, 2) if r.random() < 0.7 else [self.print()]
        elif k in ("send", "receive", "try_send", "try_receive", "close"):
            a["ch"] = r.choice(chans)
        elif k == "chfor":
            a["ch"] = r.choice(chans)
            b["body"] = sub(c.but(loop=True), 2)
        elif k in ("acquire", "release"):
            a["lock"] = r.choice(locks)
        elif k == "withlock":
            a["lock"] = r.choice(locks)
            b["body"] = sub(most=3)
        elif k in ("sacquire", "srelease", "eset", "ewait", "bwait"):
            a["o"] = {"s": "s0", "e": "e0", "b": "b0"}[k[0]]
        elif k == "withsem":
            a["o"] = "s0"
            b["body"] = sub(most=3)
        elif k in ("cwait", "cnotify", "cnotify_all"):
            a["o"] = "k0"
            if r.random() < 0.85:
                s = N("withlock", {"id": self.id(), "lock": "m0"}, {"body": [s] + (sub(most=2) if r.random() < .4 else [])})
        elif k == "select":
            a["cases"] = []
            for i in range(r.choice((1, 2, 2, 3))):
                what = r.choices(("receive", "send", "sleep", "twait", "ewait", "acquire"),
                                 (4, 3, 3, 1 if c.tasks else 0, 1, 1))[0]
                o = {"receive": r.choice(chans), "send": r.choice(chans), "sleep": r.randint(1, 5),
                     "twait": r.choice(c.tasks or ("",)), "ewait": "e0", "acquire": r.choice(locks)}[what]
                a["cases"].append((what, o))
                b["c%d" % i] = sub(most=2) if r.random() < 0.4 else []
            if r.random() < 0.2:
                b["else"] = sub(most=2)
        return s


def program(seed, stage=1):
    return Gen(seed, stage).program()


def expected(o):
    return "".join("# %s %s\n" % (k, t) for k, v in o.key()[0] for t in v) + "# ends: %s\n" % o.end


def main():
    ap = argparse.ArgumentParser(description="Writes random programs and what the model says of them.")
    ap.add_argument("n", type=int)
    ap.add_argument("folder")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--stage", type=int, default=2)
    args = ap.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    for i in range(args.n):
        p = program("%d.%d" % (args.seed, i), args.stage)
        t = text(p)
        try:
            e = expected(run(p))
        except Limit:
            continue
        with open(os.path.join(args.folder, "p%d.tg" % i), "w") as f:
            f.write(t + e)


if __name__ == "__main__":
    main()
