"""A reference semantics of tg's tasks, scopes, channels and interrupts.

Written from the language's specification (sections 4 to 6) and from nothing else: where this model
and tg differ, one of the two, or the specification, is wrong.

A program is a tree of nodes (class N); `run(program, policy, presses)` gives an Outcome: for each task
label the lines that it printed, and how the process ended.
"""
from collections import deque
import heapq
import random


class N:
    """A statement: a kind, attributes and blocks (a dict from names to lists of statements)."""
    __slots__ = ("kind", "a", "b")

    def __init__(self, kind, a=None, b=None):
        self.kind, self.a, self.b = kind, a or {}, b or {}

    def copy(self):
        return N(self.kind, dict(self.a), {k: [s.copy() for s in v] for k, v in self.b.items()})


class Program:
    def __init__(self, body, objects, wrap):
        self.body = body            # the statements of main
        self.objects = objects      # shared: name -> ("channel", capacity) | ("lock",) | ...
        self.wrap = wrap            # main ends in `except Exception as *es`, which prints them

    def copy(self):
        return Program([s.copy() for s in self.body], dict(self.objects), self.wrap)


class Policy:
    """What the specification leaves open. The first is what reads most natural."""
    def __init__(self, wake="id", waiters_first=True, timers_at_once=True, seed=0, checkpoint=False):
        self.wake, self.waiters_first, self.timers_at_once = wake, waiters_first, timers_at_once
        self.checkpoint = checkpoint        # also a boundary after the others have run
        self.requeue = False                # notify puts its tasks straight into the queue of the lock
        self.rng = random.Random(seed)

    @staticmethod
    def all():
        yield Policy()
        p = Policy()
        p.requeue = True
        yield p
        yield Policy(checkpoint=True)
        for wake in ("id", "reverse"):
            for wf in (True, False):
                for ta in (True, False):
                    if (wake, wf, ta) != ("id", True, True):
                        yield Policy(wake, wf, ta)
        for seed in range(24):
            yield Policy("random", bool(seed & 1), not seed & 2, seed)

    def order(self, tasks):
        tasks = sorted(tasks, key=lambda t: t.id)
        if self.wake == "reverse":
            tasks.reverse()
        elif self.wake == "random":
            self.rng.shuffle(tasks)
        return tasks


PARENT = {"ValueError": "Error", "KeyError": "Error", "Timeout": "Error", "TaskCancelled": "Error",
          "Closed": "Error", "Deadlock": "Error", "Error": "Exception", "Interrupt": "Exception"}


class Exc:
    def __init__(self, type_, message="*", press=False):
        self.type, self.message, self.press = type_, message, press

    def isa(self, t):
        x = self.type
        while x:
            if x == t:
                return True
            x = PARENT.get(x)
        return False

    def __repr__(self):
        return "%s(%s)" % (self.type, self.message if self.type in ("ValueError", "KeyError") else "*")


def merge(old, new):
    """Exceptions that come out together: one list, flat, the same object once, one Interrupt, first."""
    out = list(old)
    for e in new:
        if any(e is o for o in out):
            continue
        if e.type == "Interrupt":
            if out and out[0].type == "Interrupt":
                if out[0].press != e.press:
                    out[0] = Exc("Interrupt", "*", True)
            else:
                out.insert(0, e)
        else:
            out.append(e)
    return out


class Flight(Exception):
    """What leaves a statement otherwise than by its end."""
    def __init__(self, exc=(), cancel=None, leave=None):
        self.exc, self.cancel, self.leave = list(exc), cancel, leave


class Killed(Exception):
    pass


class Limit(Exception):
    pass


class Scope:
    def __init__(self, kind, parent):
        self.kind, self.parent = kind, parent
        self.depth = parent.depth + 1 if parent else 0
        self.cancel = None          # "fail": by an exception in the nursery, "hard": by anything else
        self.active = kind == "shield"


def outermost(a, b):
    if a is None:
        return b
    if b is None:
        return a
    return a if a.depth <= b.depth else b


class Env:
    def __init__(self, parent=None):
        self.parent, self.v = parent, {}

    def get(self, k):
        e = self
        while e:
            if k in e.v:
                return e.v[k]
            e = e.parent
        raise KeyError(k)

    def set(self, k, v):
        e = self
        while e:
            if k in e.v:
                e.v[k] = v
                return
            e = e.parent
        raise KeyError(k)


class Wait:
    """An operation that a task waits in; `drop` takes it off whatever it is queued on."""
    def __init__(self, what, drop=lambda: None):
        self.what, self.drop, self.value, self.nursery = what, drop, None, None


class Task:
    def __init__(self, sim, nursery):
        self.id = len(sim.tasks)
        sim.tasks.append(self)
        self.nursery = nursery
        self.base = self.scope = Scope("task", nursery.scope if nursery else None)
        self.pending = self.brk = False
        self.wait = None
        self.resume = None
        self.flights = []           # lists of exceptions on their way in this task
        self.in_enter = False
        self.state = "ready"
        self.exc, self.waiters = [], deque()
        self.handling = []
        self.gen = None


class Nursery:
    def __init__(self, scope, owner):
        self.scope, self.owner = scope, owner
        self.live, self.collected = [], []


class Entry:
    """A task in the queue of something that it waits for; `case` of its select."""
    def __init__(self, task, value=None, case=None):
        self.task, self.value, self.case = task, value, case


class Chan:
    def __init__(self, cap):
        self.cap, self.buf, self.recv, self.send, self.closed = cap, deque(), deque(), deque(), False


class Lock:
    def __init__(self):
        self.holder, self.queue = None, deque()


class Sem:
    def __init__(self, n):
        self.value, self.queue = n, deque()


class Event:
    def __init__(self):
        self.on, self.queue = False, deque()


class Cond:
    def __init__(self, lock):
        self.lock, self.queue = lock, deque()


class Barrier:
    def __init__(self, n):
        self.n, self.queue = n, deque()


class Outcome:
    def __init__(self, lines, end, time):
        self.lines, self.end, self.time = lines, end, time
        self.boundaries = 0

    def key(self):
        per = {}
        for label, text in self.lines:
            per.setdefault(label, []).append(text)
        return (tuple(sorted((k, tuple(v)) for k, v in per.items())), self.end)


class Sim:
    def __init__(self, program, policy, presses=()):
        self.program, self.policy = program, policy
        self.presses, self.count, self.struck = set(presses), 0, 0
        self.now, self.timers, self.seq = 0, [], 0
        self.ready, self.tasks = deque(), []
        self.lines, self.steps = [], 0
        self.unclear, self.lost = set(), set()
        self.soft = set()           # boundaries that the count of tg --press need not know

    # -- scopes -----------------------------------------------------------------------------
    def cancel_of(self, task):
        """The outermost cancelled scope that reaches the task now."""
        best, spared, s = None, False, task.scope
        while s:
            if s.cancel == "hard" or (s.cancel == "fail" and not spared):
                best = s
            if s.kind == "shield" and s.active:
                break
            if s.kind == "handler":
                spared = True
            s = s.parent
        return best

    def interrupted(self, task):
        if not task.pending:
            return False
        if task.brk:
            return True
        s = task.scope
        while s:
            if s.kind == "shield" and s.active:
                return False
            s = s.parent
        return True

    def deliver(self, task):
        if self.interrupted(task):
            task.pending = task.brk = False
            raise Flight([Exc("Interrupt", "*", True)])
        c = self.cancel_of(task)
        if c:
            raise Flight((), c)

    def boundary(self, task):
        if task.in_enter:           # a Ctrl-C can come here; nothing is raised
            self.soft.add(self.count + 1)
            self.tick()
            return
        self.tick()
        self.deliver(task)

    def tick(self):
        self.steps += 1
        if self.steps > 20000:
            raise Limit()
        self.count += 1
        if self.count in self.presses:
            self.press()

    def cancel(self, scope, how):
        if scope.cancel == "hard" or scope.cancel == how:
            return
        scope.cancel = how
        self.recheck()

    def recheck(self):
        """Blocked tasks that a cancellation or an interrupt now reaches stop waiting."""
        for t in self.policy.order([t for t in self.tasks if t.wait]):
            w = t.wait
            if not w:
                continue
            if w.what == "nursery":
                if self.interrupted(t):     # it joins there, and the wait goes on
                    t.pending = t.brk = False
                    self.join(w.nursery, [Exc("Interrupt", "*", True)])
            elif self.interrupted(t) or self.cancel_of(t):
                self.abort(t, ("abort",))

    def press(self):
        live = [t for t in self.tasks if t.state in ("ready", "begun")]
        if len(live) > 1:               # which of them goes first is open
            self.soft.add(self.count)
        unsettled = any(t.pending or any(e.press for f in t.flights for e in f) for t in live)
        self.struck = self.struck + 1 if unsettled else 1
        if self.struck >= 3:
            raise Killed()
        for t in live:
            t.pending = True
            if self.struck == 2:
                t.brk = True
        self.recheck()

    # -- waiting ----------------------------------------------------------------------------
    def wait(self, task, w):
        """Blocks the task in an operation that is queued already."""
        task.wait = w
        self.soft.add(self.count + 1)
        self.tick()
        if task.wait and (self.interrupted(task) or (w.what != "nursery" and self.cancel_of(task))):
            # it was to stop already: it never gave way to others
            w.drop()
            task.wait = None
            self.deliver(task)
        yield
        r, task.resume = task.resume, None
        if r[0] == "ok":
            return r[1]
        if r[0] == "raise":
            raise Flight([r[1]])
        self.deliver(task)
        raise AssertionError("stopped for nothing")

    def complete(self, task, value=None):
        task.wait = None
        task.resume = ("ok", value)
        self.ready.append(task)

    def fire(self, q, value=None):
        """The first of the queue has what it waited for."""
        e = q.popleft()
        e.task.wait.drop()
        self.complete(e.task, (e.case, value))
        return e

    def abort(self, task, how):
        task.wait.drop()
        task.wait = None
        task.resume = how
        self.ready.append(task)

    def timer(self, delay, f):
        entry = [self.now + delay, self.seq, f]
        self.seq += 1
        heapq.heappush(self.timers, entry)
        return entry

    # -- the loop ---------------------------------------------------------------------------
    def run(self):
        main = Task(self, None)
        self.main = main
        genv = Env()
        for name, o in self.program.objects.items():
            genv.v[name] = {"channel": lambda: Chan(o[1]), "lock": Lock, "semaphore": lambda: Sem(o[1]),
                            "event": Event, "barrier": lambda: Barrier(o[1]),
                            "condition": lambda: Cond(genv.v[o[1]])}[o[0]]()
        genv.v["x"] = 0
        main.gen = self.task_body(main, self.program.body, genv, "T0", main_wrap=self.program.wrap)
        self.ready.append(main)
        try:
            while main.state in ("ready", "begun"):
                if self.ready:
                    t = self.ready.popleft()
                    try:
                        next(t.gen)
                    except StopIteration:
                        pass
                    continue
                self.soft.add(self.count + 1)
                self.tick()         # a Ctrl-C while all wait
                if self.ready:
                    continue
                while self.timers and self.timers[0][2] is None:
                    heapq.heappop(self.timers)
                if self.timers:
                    self.now = self.timers[0][0]
                    while self.timers and self.timers[0][0] <= self.now:
                        f = heapq.heappop(self.timers)[2]
                        if f:
                            f()
                            if not self.policy.timers_at_once and self.ready:
                                break
                    continue
                self.deadlock(main)
        except Killed:
            out = Outcome(self.lines, "killed", self.now)
        else:
            if main.pending or any(e.type == "Interrupt" for e in main.exc):
                end = "SIGINT"
            else:
                end = "1" if main.exc else "0"
            out = Outcome(self.lines, end, self.now)
        out.boundaries, out.soft = self.count, self.soft
        out.unclear = self.unclear
        return out

    def deadlock(self, t):
        self.steps += 1
        if self.steps > 20000:
            raise Limit()
        w = t.wait
        if not w:
            raise AssertionError("a deadlock, but a task is not blocked")
        if w.what == "nursery" and any(e.type == "Deadlock" for e in w.nursery.collected):
            for c in list(w.nursery.live):
                if c.wait:
                    self.deadlock(c)
        else:
            self.abort(t, ("raise", Exc("Deadlock")))

    def task_body(self, task, body, env, label, main_wrap=False):
        fl = None
        try:
            self.boundary(task)
            task.state = "begun"
            if main_wrap:
                body = [N("try", {"handlers": [("Exception", "END")]}, {"body": body, "h0": []})]
            yield from self.block(task, body, env, label)
        except Flight as f:
            fl = f
        if task is self.main:
            self.tick()             # a Ctrl-C after the last line
            self.soft.add(self.count)
        task.exc = list(fl.exc) if fl else []
        task.state = "failed" if task.exc else "cancelled" if fl and fl.cancel else "done"
        n = task.nursery

        def waiters():
            while task.waiters:
                self.fire(task.waiters, task)

        if self.policy.waiters_first:
            waiters()
        if n:
            n.live.remove(task)
            self.join(n, task.exc)
            if not n.live and n.owner.wait and n.owner.wait.nursery is n:
                self.complete(n.owner)
        if not self.policy.waiters_first:
            waiters()

    def join(self, n, excs):
        if excs:
            n.collected[:] = merge(n.collected, excs)
            self.cancel(n.scope, "fail")

    # -- statements -------------------------------------------------------------------------
    def block(self, task, stmts, env, label):
        env = Env(env)
        for s in stmts:
            yield from getattr(self, "do_" + s.kind)(task, s, env, label)

    def out(self, label, text):
        self.lines.append((label, text))

    def do_print(self, task, s, env, label):
        self.boundary(task)
        text = str(s.a["id"])
        if s.a.get("x"):
            text += " x=%d" % env.get("x")
        self.out(label, text)
        return
        yield

    def do_incr(self, task, s, env, label):
        env.set("x", env.get("x") + 1)
        return
        yield

    def do_sleep(self, task, s, env, label):
        self.boundary(task)
        entry = self.timer(s.a["d"], lambda: self.complete(task))

        def drop():
            entry[2] = None
        yield from self.wait(task, Wait("sleep", drop))

    def do_checkpoint(self, task, s, env, label):
        self.boundary(task)
        if task.in_enter:
            self.deliver(task)
        self.ready.append(task)
        task.resume = ("ok", None)
        yield
        if self.policy.checkpoint:
            self.tick()
            self.deliver(task)

    def do_nursery(self, task, s, env, label):
        sc = Scope("nursery", task.scope)
        n = Nursery(sc, task)
        env.v[s.a["name"]] = n
        inner = Env(env)
        inner.v["@nursery"] = n
        task.scope = sc
        task.flights.append(n.collected)
        fl = Flight()
        try:
            yield from self.block(task, s.b["body"], inner, label)
        except Flight as f:
            fl = f
        task.scope = sc.parent
        cancel = fl.cancel
        self.join(n, fl.exc)
        while n.live:
            w = Wait("nursery")
            w.nursery = n
            try:
                yield from self.wait(task, w)
            except Flight as f:
                self.join(n, f.exc)
        task.flights.pop()
        if cancel is sc:
            cancel = None
        # "a cancellation from further out goes on outwards after that"
        cancel = outermost(cancel, self.cancel_of(task))
        if n.collected or cancel or fl.leave:
            raise Flight(n.collected, cancel, fl.leave if not (n.collected or cancel) else None)

    def do_spawn(self, task, s, env, label):
        self.boundary(task)
        n = env.get("@nursery")
        t = Task(self, n)
        n.live.append(t)
        inner = Env(env)
        inner.v["x"] = 0
        sub = label + s.a["label"].format(**{"i%d" % k: v for k, v in self.loops(env).items()})
        t.gen = self.task_body(t, s.b["body"], inner, sub)
        self.ready.append(t)
        if s.a.get("name"):
            env.v[s.a["name"]] = t
        return
        yield

    def loops(self, env):
        out, e = {}, env
        while e:
            for k, v in e.v.items():
                if isinstance(k, tuple):
                    out.setdefault(k[1], v)
            e = e.parent
        return out

    def do_ncancel(self, task, s, env, label):
        self.boundary(task)
        n = env.get(s.a["name"])
        self.cancel(n.scope, "hard")
        return
        yield

    def do_tcancel(self, task, s, env, label):
        self.boundary(task)
        t = env.get(s.a["name"])
        if t.state in ("ready", "begun"):
            self.cancel(t.base, "hard")
        return
        yield

    def do_twait(self, task, s, env, label):
        self.boundary(task)
        t = env.get(s.a["name"])
        if t.state in ("ready", "begun"):
            if t is task:
                self.unclear.add("a task that waits for itself")
            yield from self.wait(task, Wait("task", self.queued(t.waiters, Entry(task))))
        self.task_result(t)

    def task_result(self, t):
        if t.state == "failed":
            raise Flight(t.exc)
        if t.state == "cancelled":
            raise Flight([Exc("TaskCancelled")])

    def do_timeout(self, task, s, env, label):
        sc = Scope("timeout", task.scope)
        entry = self.timer(s.a["d"], lambda: self.cancel(sc, "hard"))
        task.scope = sc
        fl = None
        try:
            yield from self.block(task, s.b["body"], env, label)
        except Flight as f:
            fl = f
        task.scope = sc.parent
        entry[2] = None
        # Where a scope further out is cancelled as well, that one counts.
        outer = self.cancel_of(task)
        if fl and fl.cancel:
            fl.cancel = outermost(fl.cancel, outer)
        if fl and (fl.cancel is sc or (sc.cancel and fl.exc and not fl.cancel and not outer)):
            if not fl.exc and "else" in s.b:
                yield from self.block(task, s.b["else"], env, label)
                return
            raise Flight(merge(fl.exc, [Exc("Timeout")]))
        if fl:
            raise fl

    def do_shield(self, task, s, env, label):
        sc = Scope("shield", task.scope)
        task.scope = sc
        entry = None
        if s.a.get("d"):
            def over():
                sc.active = False
                self.recheck()
            entry = self.timer(s.a["d"], over)
        fl = Flight()
        try:
            yield from self.block(task, s.b["body"], env, label)
        except Flight as f:
            fl = f
        if entry:
            entry[2] = None
        task.scope = sc.parent
        self.end_of_shield(task, fl)

    def end_of_shield(self, task, fl):
        """The boundary at the end of a shield, a finally or an exit; fl is on its way."""
        self.soft.add(self.count + 1)
        try:
            self.boundary(task)
        except Flight as g:
            fl = Flight(merge(fl.exc, g.exc), outermost(fl.cancel, g.cancel), fl.leave)
        if fl.cancel:
            fl.cancel = outermost(fl.cancel, self.cancel_of(task))
        if fl.exc or fl.cancel:
            raise Flight(fl.exc, fl.cancel)
        if fl.leave:
            raise fl

    def shielded(self, task, fl, gen):
        """Runs cleanup while fl is on its way."""
        sc = Scope("shield", task.scope)
        task.scope = sc
        task.flights.append(fl.exc)
        try:
            yield from gen
        except Flight as g:
            assert not g.cancel and not g.leave
            fl = Flight(merge(fl.exc, g.exc), fl.cancel, fl.leave)
        finally:
            task.flights.pop()
        task.scope = sc.parent
        self.end_of_shield(task, fl)

    def do_try(self, task, s, env, label):
        fl = Flight()
        try:
            yield from self.block(task, s.b["body"], env, label)
        except Flight as f:
            fl = f
        if fl.exc:
            rest, out, cancel, leave = list(fl.exc), [], fl.cancel, fl.leave
            for i, (type_, mark) in enumerate(s.a["handlers"]):
                taken = [e for e in rest if e.isa(type_)]
                if not taken:
                    continue
                rest = [e for e in rest if not e.isa(type_)]
                saved = task.scope
                if any(e.type == "Interrupt" for e in taken):
                    task.scope = Scope("handler", saved)
                task.flights.append(rest + out)
                inner = Env(env)
                inner.v["@taken"] = taken
                try:
                    # every handler begins with a print of what it took
                    self.boundary(task)
                    self.out(label, "%s %s" % (mark, taken))
                    yield from self.block(task, s.b["h%d" % i], inner, label)
                except Flight as g:
                    out = merge(out, g.exc)
                    cancel = outermost(cancel, g.cancel)
                    leave = leave or g.leave
                task.flights.pop()
                task.scope = saved
            exc = merge(rest, out)
            fl = Flight(exc, cancel, leave if not (exc or cancel) else None)
        if "finally" in s.b:
            yield from self.shielded(task, fl, self.block(task, s.b["finally"], env, label))
        elif fl.exc or fl.cancel or fl.leave:
            raise fl

    def do_raise(self, task, s, env, label):
        if s.a["call"]:
            self.boundary(task)
        raise Flight([Exc(s.a["type"], s.a.get("message") or "")])
        yield

    def do_reraise(self, task, s, env, label):
        raise Flight(env.get("@taken"))
        yield

    def do_break(self, task, s, env, label):
        raise Flight((), None, "break")
        yield

    def do_continue(self, task, s, env, label):
        raise Flight((), None, "continue")
        yield

    def do_return(self, task, s, env, label):
        raise Flight((), None, "return")
        yield

    def do_loop(self, task, s, env, label):
        for i in range(s.a["k"]):
            inner = Env(env)
            inner.v[("i", s.a["var"])] = i
            try:
                yield from self.block(task, s.b["body"], inner, label)
            except Flight as f:
                if f.leave == "break":
                    return
                if f.leave != "continue":
                    raise
            self.boundary(task)

    def do_with(self, task, s, env, label):
        self.boundary(task)                         # the call that makes the resource
        fresh = Env(self.globals(env))
        fresh.v["x"] = 0
        was, task.in_enter = task.in_enter, True
        try:
            yield from self.block(task, s.b["enter"], fresh, label)
        finally:
            task.in_enter = was
        fl = Flight()
        try:
            yield from self.block(task, s.b["body"], env, label)
        except Flight as f:
            fl = f
        fresh = Env(self.globals(env))
        fresh.v["x"] = 0
        yield from self.shielded(task, fl, self.block(task, s.b["exit"], fresh, label))

    def globals(self, env):
        while env.parent:
            env = env.parent
        return env

    # -- channels ---------------------------------------------------------------------------
    def chan_send(self, c, v):
        """True where it went at once."""
        if c.closed:
            raise Flight([Exc("Closed")])
        if c.recv:
            self.fire(c.recv, v)
            return True
        if len(c.buf) < c.cap:
            c.buf.append(v)
            return True
        return False

    def chan_take(self, c):
        """(True, value) where there is one."""
        if c.buf:
            v = c.buf.popleft()
            if c.send:
                c.buf.append(self.fire(c.send).value)
            return True, v
        if c.send:
            return True, self.fire(c.send).value
        if c.closed:
            raise Flight([Exc("Closed")])
        return False, None

    @staticmethod
    def queued(q, item):
        q.append(item)

        def drop():
            for k, x in enumerate(q):
                if x is item:
                    del q[k]
                    break
        return drop

    def do_send(self, task, s, env, label):
        self.boundary(task)
        c = env.get(s.a["ch"])
        if not self.chan_send(c, s.a["id"]):
            drop = self.queued(c.send, Entry(task, s.a["id"]))
            yield from self.wait(task, Wait("send", drop))

    def receive(self, task, c):
        ok, v = self.chan_take(c)
        if not ok:
            drop = self.queued(c.recv, Entry(task))
            v = (yield from self.wait(task, Wait("receive", drop)))[1]
        return v

    def do_receive(self, task, s, env, label):
        self.boundary(task)
        v = yield from self.receive(task, env.get(s.a["ch"]))
        self.boundary(task)
        self.out(label, "%d got %s" % (s.a["id"], v))

    def do_try_send(self, task, s, env, label):
        self.boundary(task)
        r = self.chan_send(env.get(s.a["ch"]), s.a["id"])
        self.boundary(task)
        self.out(label, "%d %s" % (s.a["id"], "true" if r else "false"))
        return
        yield

    def do_try_receive(self, task, s, env, label):
        self.boundary(task)
        ok, v = self.chan_take(env.get(s.a["ch"]))
        self.boundary(task)
        self.out(label, "%d got %s" % (s.a["id"], v if ok else "nil"))
        return
        yield

    def do_close(self, task, s, env, label):
        self.boundary(task)
        c = env.get(s.a["ch"])
        if c.closed:
            return
        c.closed = True
        for q in (c.recv, c.send):
            while q:
                self.abort(q.popleft().task, ("raise", Exc("Closed")))
        return
        yield

    def do_chfor(self, task, s, env, label):
        c = env.get(s.a["ch"])
        while True:
            try:
                v = yield from self.receive(task, c)
            except Flight as f:
                if len(f.exc) == 1 and f.exc[0].type == "Closed":
                    return
                raise
            inner = Env(env)
            inner.v["v"] = v
            try:
                self.boundary(task)
                self.out(label, "%d each %s" % (s.a["id"], v))
                yield from self.block(task, s.b["body"], inner, label)
            except Flight as f:
                if f.leave == "break":
                    return
                if f.leave != "continue":
                    raise
            self.boundary(task)

    # -- locks and the like -----------------------------------------------------------------
    def lock_acquire(self, task, m):
        if m.holder is task:
            raise Flight([Exc("Deadlock")])
        if m.holder is None:
            m.holder = task
            return
        yield from self.wait(task, Wait("lock", self.queued(m.queue, Entry(task))))

    def lock_release(self, task, m):
        if m.holder is not task:
            raise Flight([Exc("ValueError")])
        self.lock_next(m)

    def lock_next(self, m):
        m.holder = None
        if m.queue:
            m.holder = self.fire(m.queue).task

    def do_acquire(self, task, s, env, label):
        self.boundary(task)
        yield from self.lock_acquire(task, env.get(s.a["lock"]))

    def do_release(self, task, s, env, label):
        self.boundary(task)
        self.lock_release(task, env.get(s.a["lock"]))
        return
        yield

    def do_withlock(self, task, s, env, label):
        m = env.get(s.a["lock"])
        yield from self.lock_acquire(task, m)
        fl = Flight()
        try:
            yield from self.block(task, s.b["body"], env, label)
        except Flight as f:
            fl = f

        def leave():
            if (task, m) in self.lost:
                self.lost.discard((task, m))
            else:
                self.lock_release(task, m)
            return
            yield
        yield from self.shielded(task, fl, leave())

    def do_sacquire(self, task, s, env, label):
        self.boundary(task)
        yield from self.sem_acquire(task, env.get(s.a["o"]))

    def sem_acquire(self, task, o):
        if o.value > 0:
            o.value -= 1
        else:
            yield from self.wait(task, Wait("semaphore", self.queued(o.queue, Entry(task))))

    def sem_release(self, o):
        if o.queue:
            self.fire(o.queue)
        else:
            o.value += 1
        return
        yield

    def do_srelease(self, task, s, env, label):
        self.boundary(task)
        yield from self.sem_release(env.get(s.a["o"]))

    def do_withsem(self, task, s, env, label):
        o = env.get(s.a["o"])
        yield from self.sem_acquire(task, o)
        fl = Flight()
        try:
            yield from self.block(task, s.b["body"], env, label)
        except Flight as f:
            fl = f
        yield from self.shielded(task, fl, self.sem_release(o))

    def do_eset(self, task, s, env, label):
        self.boundary(task)
        o = env.get(s.a["o"])
        o.on = True
        while o.queue:
            self.fire(o.queue)
        return
        yield

    def do_ewait(self, task, s, env, label):
        self.boundary(task)
        o = env.get(s.a["o"])
        if not o.on:
            yield from self.wait(task, Wait("event", self.queued(o.queue, Entry(task))))

    def do_bwait(self, task, s, env, label):
        self.boundary(task)
        o = env.get(s.a["o"])
        if len(o.queue) + 1 >= o.n:
            while o.queue:
                self.fire(o.queue)
        else:
            yield from self.wait(task, Wait("barrier", self.queued(o.queue, Entry(task))))

    def do_cwait(self, task, s, env, label):
        self.boundary(task)
        o = env.get(s.a["o"])
        if o.lock.holder is not task:
            raise Flight([Exc("ValueError")])
        drop = self.queued(o.queue, Entry(task))
        self.lock_next(o.lock)
        fl = Flight()
        try:
            yield from self.wait(task, Wait("condition", drop))
        except Flight as f:
            fl = f
        # it has the lock again, shielded, before it returns, raises or unwinds
        sc = Scope("shield", task.scope)
        task.scope = sc
        task.flights.append(fl.exc)
        try:
            if o.lock.holder is not task:
                yield from self.lock_acquire(task, o.lock)
        except Flight as g:
            if any(e.type == "Deadlock" for e in g.exc):
                self.unclear.add("a Deadlock while a condition waits for its lock")
            self.lost.add((task, o.lock))
            fl = Flight(merge(fl.exc, g.exc), fl.cancel)
        finally:
            task.flights.pop()
        task.scope = sc.parent
        if fl.exc or fl.cancel:
            raise fl

    def notify(self, task, o, n):
        if o.lock.holder is not task:
            raise Flight([Exc("ValueError")])
        while o.queue and n:
            n -= 1
            if self.policy.requeue and o.lock.holder:
                e = o.queue.popleft()
                e.task.wait.drop = self.queued(o.lock.queue, e)
                e.task.wait.what = "condition, for its lock"
            else:
                self.fire(o.queue)

    def do_cnotify(self, task, s, env, label):
        self.boundary(task)
        self.notify(task, env.get(s.a["o"]), 1)
        return
        yield

    def do_cnotify_all(self, task, s, env, label):
        self.boundary(task)
        self.notify(task, env.get(s.a["o"]), 1 << 30)
        return
        yield

    # -- select -----------------------------------------------------------------------------
    def do_select(self, task, s, env, label):
        self.boundary(task)
        cases = [(what, env.get(o) if isinstance(o, str) else o) for what, o in s.a["cases"]]
        yes, case, value = False, None, None
        for i, (what, o) in enumerate(cases):
            if what == "receive":
                yes, value = self.chan_take(o)
            elif what == "send":
                yes = self.chan_send(o, s.a["id"])
            elif what == "twait":
                yes, value = o.state not in ("ready", "begun"), o
            elif what == "ewait":
                yes = o.on
            elif what == "acquire":
                if o.holder is task:
                    raise Flight([Exc("Deadlock")])
                yes = o.holder is None
                if yes:
                    o.holder = task
            if yes:
                case = i
                break
        if case is None and "else" in s.b:
            yield from self.block(task, s.b["else"], env, label)
            return
        if case is None:
            drops = []
            for i, (what, o) in enumerate(cases):
                if what == "sleep":
                    drops.append(self.select_sleep(task, i, o))
                elif what == "send":
                    drops.append(self.queued(o.send, Entry(task, s.a["id"], i)))
                else:
                    q = {"receive": "recv", "twait": "waiters", "ewait": "queue", "acquire": "queue"}[what]
                    drops.append(self.queued(getattr(o, q), Entry(task, None, i)))

            def drop():
                for d in drops:
                    d()
            case, value = yield from self.wait(task, Wait("select", drop))
        what, o = cases[case]
        if what == "twait":
            self.task_result(o)
        self.boundary(task)
        self.out(label, "%d case %d%s" % (s.a["id"], case, " %s" % value if what == "receive" else ""))
        yield from self.block(task, s.b["c%d" % case], env, label)

    def select_sleep(self, task, case, d):
        def done():
            task.wait.drop()
            self.complete(task, (case, None))
        entry = self.timer(d, done)

        def drop():
            entry[2] = None
        return drop


def run(program, policy=None, presses=()):
    return Sim(program, policy or Policy(), presses).run()
