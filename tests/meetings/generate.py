#!/usr/bin/env python3
"""The meeting table: what happens when two of error, Ctrl-C, timeout and cancellation meet in one place.

    python3 tests/meetings/generate.py              write the scripts and docs/meetings.md
    python3 tests/meetings/generate.py --check      exit 1 where the committed files differ from that
    python3 tests/meetings/generate.py --calibrate  look for the boundaries of the Ctrl-Cs first (needs tg)

What a cell expects comes from the rules of the language (`come_out`, `cleaning` and the function
`rules_of` of each place below), never from a run. One thing only is asked of tg: at which boundary of
the run a press of Ctrl-C has to come (`--press=N`). A script says with a comment, "Ctrl-C comes here",
in which wait it is meant to come; --calibrate presses at one boundary after the other and takes the
first at which a task waits on that line (at a "before this call": is before it). Two presses at once
make tg list its tasks, and an Interrupt lists those it struck; a press that neither can show (one after
a Ctrl-C that was caught) is found by the time at which a watching task sees it, which the script then
checks too. The numbers are kept in tests/meetings/boundaries.json. When the compiler changes where
boundaries are, run --calibrate again and look at the differences of that file only.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NUMBERS = os.path.join(ROOT, "tests/meetings/boundaries.json")
TG = os.environ.get("TG", os.path.join(ROOT, "build/test/tg"))
SCRIPTS = "tests/conformance/meeting"
MANUAL = "docs/meetings.md"

ERROR, CTRL_C, TIMEOUT, CANCEL, OUTER = KINDS = ["error", "interrupt", "timeout", "cancel", "outer"]
NAMES = {ERROR: "an error", CTRL_C: "Ctrl-C", TIMEOUT: "the timeout", CANCEL: "`n.cancel()`",
         OUTER: "a cancellation of the outer scope"}
HERE = "# Ctrl-C comes here"
HERE_TOO = "# Ctrl-C comes again here"
BEFORE = "# Ctrl-C comes before this call"

RULES = {
    "held": "A `shield`, a `finally`, an `exit` and an `enter`'s own `finally` hold off Ctrl-C and every cancellation from outside; what was held off happens at their end.",
    "broken": "A second Ctrl-C before the first is settled breaks through them. It is the same Interrupt that comes out: one.",
    "together": "An exception on its way is never dropped: what is raised by the cleanup, or was held off by it, comes out together with it, as an `ErrorGroup`.",
    "kept": "A cancellation drops no error: one that is raised before it, or while cleaning up after it, still leaves the cancelled block.",
    "order": "In a group an Interrupt stands first; the others stand in the order in which they came out of their tasks, and a `Timeout` after those of its block.",
    "outermost": "Where several blocks are cancelled the outermost counts: the task unwinds to it, and a timeout further in raises nothing.",
    "silent": "`n.cancel()` and a cancellation from further out are no exceptions: where nothing else is on its way, the program goes on after the block that was cancelled.",
    "first": "A task that is to be both interrupted and cancelled is interrupted first, so that its `except Interrupt` and its `finally` see it; then the cancellation goes on.",
    "taken": "What a handler took is gone, unless it is raised again; an error that the handler raises has it as its `cause`.",
    "handler": "An `except` that took an `Interrupt` is shielded from nurseries that fail, and from nothing else: a timeout, `n.cancel()`, an outer cancellation and a further Ctrl-C cut it.",
    "ending": "The members of a group stand in the order in which their tasks ended, not in that in which the errors were raised.",
    "siblings": "The first exception out of the body or a child cancels the others; Ctrl-C strikes every task, also the one that waits at the end of the nursery, and makes one Interrupt.",
    "enter": "While an `enter` runs, only its waits are boundaries: what comes in between strikes in the next wait, as soon as that begins.",
}
RULE_NUMBERS = {key: number for number, key in enumerate(RULES, 1)}


# ---- the rules -----------------------------------------------------------------------------------

class Result:
    """What a cell expects: the lines, and what comes out in the end."""

    def __init__(self):
        self.lines = []        # (seconds, text)
        self.members = []      # of what comes out: messages
        self.after = None      # the block after which it goes on, where nothing comes out
        self.clean = True      # whether every cleanup (handler) that began ran to its end
        self.rules = []
        self.stderr = []

    def say(self, seconds, text):
        self.lines.append((seconds, text))

    def use(self, *keys):
        for key in keys:
            if key not in self.rules:
                self.rules.append(key)


def come_out(result, cell, end, errors):
    """What leaves the blocks: `errors` are those on their way, in the order in which their tasks ended."""
    came = {cell.first, cell.second}
    hit = [scope for scope in cell.scopes() if scope[0] in came]
    block = hit[0] if hit else None            # the outermost of the cancelled ones
    members = ["interrupted by Ctrl-C"] if CTRL_C in came else []
    members += errors
    if block and block[0] == TIMEOUT:
        members.append("not done after %ds" % block[2])
    if len(hit) > 1:
        result.use("outermost")
    if len(members) > 1:
        result.use("together", "order")
    if errors and hit:
        result.use("kept")
    if CTRL_C in came and hit:
        result.use("first")
    result.members = members
    if members:
        result.say(end, "came out: [" + ", ".join('"%s"' % m for m in members) + "]")
        return
    result.use("silent")
    result.after = block[1]
    names = [scope[1] for scope in cell.scopes()]
    for name in reversed(names[: names.index(block[1]) + 1]):
        result.say(end, "after " + name)


def errors_of(cell):
    return [name for name, kind in (("first", cell.first), ("second", cell.second)) if kind == ERROR]


def cleaning(cell, begins="cleaning up", ends="clean", shielded=False):
    """One task cleans up from t1 to t1 + 2 and the second comes in the middle."""
    r = Result()
    if begins:
        r.say(cell.t1, begins)
    end = cell.t1 + 2
    errors = errors_of(cell)
    if cell.second == ERROR:                      # raised by the cleanup itself: it is left at once
        end, r.clean = cell.t2, False
        if cell.first == ERROR and shielded:      # a handler that raises: the first is its cause
            errors = ["second"]
            r.use("taken")
    elif cell.second == CTRL_C and cell.first == CTRL_C:
        end, r.clean = cell.t2, False
        r.stderr.append("interrupted again")
        r.use("broken")
    else:
        r.use("held")
    if r.clean:
        r.say(end, ends)
    come_out(r, cell, end, errors)
    return r


# ---- scripts -------------------------------------------------------------------------------------

def indent(lines, depth=1):
    return ["    " * depth + line if line else line for line in lines]


def block(head, lines, tail="}"):
    return [head + " {"] + indent(lines) + [tail]


class Cell:
    t1, t2 = 1, 2
    multi = False              # whether the nursery n is there in any case
    inside = False             # the timeout stands inside of n

    def __init__(self, place, first, second):
        self.place, self.first, self.second = place, first, second

    @property
    def name(self):
        return "%s_then_%s" % (self.first, self.second)

    @property
    def key(self):
        return "%s/%s" % (self.place.folder, self.name)

    def presses(self):
        return (self.first == CTRL_C) + (self.second == CTRL_C)

    def has(self, kind):
        return kind in (self.first, self.second)

    def when(self, kind):
        return [t for t, k in ((self.t1, self.first), (self.t2, self.second)) if k == kind]

    def scopes(self):
        """(kind, name, seconds) from the outside to the inside."""
        times = sorted(self.when(TIMEOUT), reverse=True)    # of two the outer one is up later
        names = ["the timeout"] if len(times) < 2 else ["the outer timeout", "the inner timeout"]
        timeouts = [(TIMEOUT, name, t) for name, t in zip(names, times)]
        nursery = [(CANCEL, "n", 0)] if self.multi or self.has(CANCEL) else []
        outer = [(OUTER, "outer", 0)] if self.has(OUTER) else []
        return outer + (nursery + timeouts if self.inside else timeouts + nursery)

    def helpers(self, kind, name):
        return ["clock.spawn(at, %ds, %s)" % (t, name) for t in self.when(kind)]

    def frame(self, lines, watcher=False, alone=False):
        """The blocks that are cancelled around `lines`, and the catch-all around those. Alone: without helping tasks."""
        helped = not alone and (self.has(CANCEL) or self.has(OUTER))
        for kind, name, seconds in reversed(self.scopes()):
            if kind == TIMEOUT:
                lines = block("timeout %ds" % seconds, lines)
            else:
                lines = block("nursery " + name, (self.helpers(kind, name) if helped else []) + lines)
            lines += ['say("after %s")' % name]
        if watcher:
            lines = ["clock.spawn(watch)"] + lines
        if helped or watcher:
            lines = block("nursery clock", lines)
        lines = block("try", lines, "} except Exception as *all {")
        lines += indent(['say("came out: {[e.message for e in all]}")']) + ["}"]
        top = ["let start = now()"] + (["let presses = []"] if watcher else [])
        top += ["", 'fn say(text) { print("{now() - start:.0f}s {text}") }', ""]
        if watcher:
            lines += ['say("Ctrl-C came at {presses}")']
            seen = 'try { sleep(1h) } except Interrupt { presses.push("{now() - start:.0f}s") }'
            top += block("fn watch()", block("for _ in 0..4", [seen])) + [""]
        if helped:
            top += ["# Sleeps until then, whatever Ctrl-C there is."]
            top += block("fn patient(time)", block("while now() - start < time", [
                "try { sleep(start + time - now()) } except Interrupt { }"])) + [""]
        if helped:
            top += block("fn at(time, scope)", ["patient(time)", "scope.cancel()"]) + [""]
        return top, lines

    # What the task does until the first comes, and in its cleanup until the second does.

    def work(self):
        if self.first == ERROR:
            return ["sleep(%ds)" % self.t1, 'raise ValueError("first")']
        if self.first == CTRL_C:
            return ["sleep(%ds)" % self.t1, "sleep(9s)    " + HERE]
        return ["sleep(9s)"]

    def cleanup(self, begins="cleaning up", ends="clean", seconds=2):
        gap = self.t2 - self.t1
        lines = ['say("%s")' % begins] if begins else []
        if self.second == ERROR:
            return lines + ["sleep(%ds)" % gap, 'raise ValueError("second")']
        if self.second == CTRL_C:
            mark = HERE_TOO if self.first == CTRL_C else HERE
            lines += ["sleep(%ds)" % gap, "sleep(%ds)    %s" % (seconds - gap, mark)]
        else:
            lines += ["sleep(%ds)" % seconds]
        return lines + ['say("%s")' % ends]


class Place:
    """A place is a folder; it knows what a script looks like there, and what the rules say of it."""
    cell = Cell

    def __init__(self):
        self.folder = re.sub(r"(?<!^)([A-Z])", r"_\1", type(self).__name__).lower()

    def exists(self, first, second):
        return True

    def cells(self):
        for first in KINDS:
            for second in KINDS:
                if self.exists(first, second):
                    yield self.cell(self, first, second)

    def body(self, cell):
        """(declarations, lines inside of the frame)"""
        raise NotImplementedError

    def rules_of(self, cell):
        return cleaning(cell)

    def watcher(self, cell):
        return False

    def script(self, cell):
        own, lines = self.body(cell)
        top, lines = cell.frame(lines, self.watcher(cell))
        return top + own + lines


class Finally(Place):
    title = "In a `finally`"
    text = "The first makes the task leave the `try`; the second comes one second later, in its `finally`, which takes two. (A second error is raised by the `finally` itself.)"

    def body(self, cell):
        return [], block("try", cell.work(), "} finally {") + indent(cell.cleanup()) + ["}"]


class TimeoutInside(Finally):
    title = "In a `finally`, with the timeout inside of the nursery"
    text = "As before; but here `n` stands around the timeout, and not the timeout around `n`."

    class cell(Cell):
        multi, inside = True, True

    def exists(self, first, second):
        return TIMEOUT in (first, second)


class WithExit(Place):
    title = "In the `exit` of a `with`"
    text = "The first makes the task leave the block; the second comes in the resource's `exit`."

    def body(self, cell):
        own = block("class Resource", block("fn exit()", cell.cleanup())) + [""]
        return own, block("with Resource()", cell.work())


class WithEnter(Place):
    title = "In the `enter` of a `with`, while it waits"
    text = "The first comes in a wait of `enter`, whose own `finally` gives back what it had; the second comes in that. The block and `exit` never run."

    def body(self, cell):
        enter = block("try", cell.work(), "} finally {") + indent(cell.cleanup()) + ["}"]
        own = block("class Resource", block("fn enter()", enter) + ['fn exit() { say("never: exit") }']) + [""]
        return own, block("with Resource()", ['say("never: the block")'])

    def exists(self, first, second):
        # The end of a finally inside enter is no boundary: what comes in it strikes after enter.
        return second != CTRL_C or first not in (ERROR, TIMEOUT)


class WithEnterBusy(Place):
    title = "In the `enter` of a `with`, while it does not wait"
    text = "Both come while `enter` runs, one right after the other; it goes on to its next wait, and is stopped there at once. (An error is raised by `enter` itself.)"

    class cell(Cell):
        t1, t2 = 0, 0

    def exists(self, first, second):
        if TIMEOUT in (first, second):
            return False                       # no time goes by
        return first != ERROR and (first, second) != (CTRL_C, ERROR)

    def script(self, cell):
        first, second = cell.first, cell.second
        scopes = {CANCEL: "n", OUTER: "outer", CTRL_C: "nil", ERROR: "nil"}
        enter = []
        if first != CTRL_C:
            enter += ["self.first.cancel()"]
        if second in (CANCEL, OUTER):
            enter += ["self.second.cancel()" + ("    " + BEFORE if first == CTRL_C else "")]
        goes = 'say("enter goes on")'
        if second == CTRL_C:
            goes += "    " + BEFORE + (", twice" if first == CTRL_C else "")
        enter += [goes]
        enter += ['raise ValueError("second")'] if second == ERROR else ["sleep(9s)"]
        own = ["fn init(first, second) { self.first = first; self.second = second }"]
        own += block("fn enter()", enter) + ['fn exit() { say("never: exit") }']
        lines = block("with Resource(%s, %s)" % (scopes[first], scopes[second]), ['say("never: the block")'])
        top, lines = cell.frame(lines, alone=True)
        return top + block("class Resource", own) + [""] + lines

    def rules_of(self, cell):
        r = Result()
        r.say(0, "enter goes on")
        r.use("enter")
        if cell.first == cell.second == CTRL_C:
            r.stderr.append("interrupted again")
        come_out(r, cell, 0, errors_of(cell))
        return r


class Shield(Place):
    title = "In a `shield`"
    text = "Both come in a `shield` of three seconds: at one and at two. (A first error is taken inside of the shield, by a handler that works on and raises it again; a second one is raised in the shield.)"

    def body(self, cell):
        if cell.first == ERROR:
            inner = block("try", cell.work(), "} except ValueError {")
            again = ["raise"] if cell.second != ERROR else []
            return [], block("shield", inner + indent(cell.cleanup("handling") + again) + ["}"])
        if cell.first == CTRL_C:
            lines = ["sleep(1s)"]
            if cell.second == CTRL_C:
                lines += ["sleep(1s)    " + HERE, "sleep(1s)    " + HERE_TOO]
            elif cell.second == ERROR:
                lines += ["sleep(1s)    " + HERE]
            else:
                lines += ["sleep(2s)    " + HERE]
        elif cell.second == CTRL_C:
            lines = ["sleep(2s)", "sleep(1s)    " + HERE]
        else:
            lines = ["sleep(%ds)" % (2 if cell.second == ERROR else 3)]
        last = 'raise ValueError("second")' if cell.second == ERROR else 'say("clean")'
        return [], block("shield", lines + [last])

    def rules_of(self, cell):
        r = cleaning(cell, "handling" if cell.first == ERROR else None, shielded=True)
        r.use("held")
        return r


class HandlerOfError(Place):
    title = "In a handler of an error"
    text = "The task handles an earlier error (which is gone with that). A handler of an error is protected from nothing: the first ends it at once; the second comes in the `finally` of the same `try`."

    def body(self, cell):
        lines = block("try", ['raise ValueError("an earlier one")'], "} except ValueError {")
        lines += indent(['say("handling")'] + cell.work()) + ["} finally {"]
        return [], lines + indent(cell.cleanup()) + ["}"]

    def rules_of(self, cell):
        r = cleaning(cell)
        r.lines.insert(0, (0, "handling"))
        r.use("taken")
        return r


class HandlerOfInterrupt(Place):
    title = "In a handler of an Interrupt"
    text = "At one second a Ctrl-C is taken by every task; the main task's handler takes four seconds, the `finally` of the same `try` two. The first comes at two seconds, the second at three. An error here is that of a sibling."

    class cell(Cell):
        t1, t2 = 2, 3

        @property
        def multi(self):
            return self.has(ERROR)

        def presses(self):
            return super().presses() + 1

    def exists(self, first, second):
        return first != CTRL_C or second != CTRL_C   # a run has two presses

    def watcher(self, cell):
        return cell.has(CTRL_C)

    def body(self, cell):
        lines = []
        if cell.first == ERROR:
            lines += block("spawn", ["try { sleep(9s) } except Interrupt { sleep(1s); raise ValueError(\"first\") }"])
        if cell.second == ERROR and cell.first == ERROR:
            lines += block("spawn", ["try { sleep(9s) } except Interrupt { sleep(2s); raise ValueError(\"second\") }"])
        elif cell.second == ERROR:
            inner = "try { sleep(9s) } finally { sleep(1s); raise ValueError(\"second\") }"
            lines += block("spawn", ["try { sleep(9s) } except Interrupt { %s }" % inner])
        lines += block("try", ["sleep(1s)", "sleep(9s)    " + HERE], "} except Interrupt {")
        waits = ["sleep(4s)"]
        if cell.first == CTRL_C:
            waits = ["sleep(1s)", "sleep(3s)    " + HERE_TOO]
        elif cell.first == ERROR and cell.second == CTRL_C:
            waits = ["sleep(2s)", "sleep(2s)    " + HERE_TOO]
        lines += indent(['say("handling")'] + waits + ['say("handled")']) + ["} finally {"]
        waits = ["sleep(2s)"]
        if cell.second == CTRL_C and cell.first != ERROR:
            waits = ["sleep(1s)", "sleep(1s)    " + HERE_TOO]
        return [], lines + indent(['say("cleaning up")'] + waits + ['say("clean")']) + ["}"]

    def rules_of(self, cell):
        r = Result()
        r.say(1, "handling")
        r.use("handler")
        begin = cell.t1                                    # of the cleanup
        if cell.first == ERROR:                            # a nursery that fails does not reach it
            begin = 5 if cell.second == ERROR else cell.t2
        if begin == 5:
            r.say(5, "handled")
        else:
            r.clean = False
        r.say(begin, "cleaning up")
        r.say(begin + 2, "clean")
        if begin == cell.t1:
            r.use("held")
        come_out(r, cell, begin + 2, errors_of(cell))
        if cell.has(CTRL_C):
            came = cell.t1 if cell.first == CTRL_C else cell.t2
            r.say(begin + 2, 'Ctrl-C came at ["1s", "%ds"]' % came)
        return r


class BodyThenChild(Place):
    title = "Between the body of a nursery and a child: the child cleans up"
    text = "The first comes in the body (Ctrl-C and cancellations: in both); the child's `finally` takes two seconds, the second comes in its middle, while the body waits at the end of the nursery."

    class cell(Cell):
        multi = True

    begins, ends = "child cleans up", "child is clean"

    def body(self, cell):
        child = block("try", ["sleep(9s)"], "} finally {") + indent(cell.cleanup(self.begins, self.ends)) + ["}"]
        return [], block("spawn", child) + cell.work()

    def rules_of(self, cell):
        r = cleaning(cell, self.begins, self.ends)
        r.use("siblings")
        return r


class ChildThenBody(BodyThenChild):
    title = "Between a child and the body of its nursery: the body cleans up"
    text = "The first comes in the child (Ctrl-C and cancellations: in both), the second in the `finally` of the body."
    begins, ends = "body cleans up", "body is clean"

    def body(self, cell):
        if cell.first == ERROR:
            child, wait = cell.work(), ["sleep(9s)"]
        else:
            child, wait = ["sleep(9s)"], cell.work()
        body = block("try", wait, "} finally {") + indent(cell.cleanup(self.begins, self.ends)) + ["}"]
        return [], block("spawn", child) + body


class TwoChildren(BodyThenChild):
    title = "Between two children"
    text = "Two children, whose `finally`s take four seconds (a) and two (b). A first error is raised by a: as it leaves a only when a is clean, b is not cancelled before that, and meets the second in its own wait. Where the first is none, both clean up when the second comes; a second error is then raised by the cleanup of b."

    def body(self, cell):
        after_error = cell.first == ERROR
        work = cell.work()
        a = block("try", work, "} finally {")
        a += indent(['say("a cleans up")', "sleep(4s)", 'say("a is clean")']) + ["}"]
        wait, tidy = ["sleep(9s)"], cell.cleanup("b cleans up", "b is clean")
        if after_error:
            tidy = ['say("b cleans up")', "sleep(2s)", 'say("b is clean")']
            if cell.second == ERROR:
                wait = ["sleep(2s)", 'raise ValueError("second")']
            elif cell.second == CTRL_C:
                wait = ["sleep(2s)", "sleep(9s)    " + HERE]
        b = block("try", wait, "} finally {") + indent(tidy) + ["}"]
        return [], block("spawn", a) + block("spawn", b)

    def rules_of(self, cell):
        r = Result()
        r.use("siblings")
        r.say(1, "a cleans up")
        errors = errors_of(cell)
        end = 5
        if cell.first == ERROR:
            r.say(2, "b cleans up")
            r.say(4, "b is clean")
            errors.reverse()                               # b ends at 4, a at 5
            r.use("held")
            if len(errors) == 2:
                r.use("ending")
        else:
            r.say(1, "b cleans up")
            if cell.first == cell.second == CTRL_C:
                end, r.clean = 2, False
                r.stderr.append("interrupted again")
                r.use("broken")
            elif cell.second == ERROR:
                r.clean = False                            # b's is left at 2 by its error
            else:
                r.say(3, "b is clean")
                r.use("held")
        if end == 5:
            r.say(5, "a is clean")
        come_out(r, cell, end, errors)
        return r


class Straight(Place):
    title = "In one task, at once"
    text = "Both come at the same instant, before the task reaches its next boundary: it waits in a `sleep`, and another task does both (an error: the task itself cancels and raises in one straight line). Where the table says —, the first has already ended the task's wait, or its work, when the second could come: between an error and its handler there is no boundary, and no time goes by between Ctrl-C or a cancellation and the unwinding."

    class cell(Cell):
        t1, t2 = 1, 1

    pairs = {(CANCEL, CANCEL), (CANCEL, OUTER), (OUTER, CANCEL), (OUTER, OUTER), (TIMEOUT, TIMEOUT),
             (TIMEOUT, CANCEL), (TIMEOUT, OUTER), (TIMEOUT, CTRL_C), (CANCEL, CTRL_C), (OUTER, CTRL_C),
             (CTRL_C, CANCEL), (CTRL_C, OUTER), (CTRL_C, CTRL_C), (CANCEL, ERROR), (OUTER, ERROR)}

    def exists(self, first, second):
        return (first, second) in self.pairs

    def script(self, cell):
        first, second = cell.first, cell.second
        calls = {CANCEL: "scope.cancel()", OUTER: "outer.cancel()"}
        own = {CANCEL: "n.cancel()", OUTER: "outer.cancel()"}
        work = ["sleep(9s)"]
        if second == ERROR:
            work = ['let error = ValueError("second")', "sleep(1s)", own[first], "raise error"]
        elif first == second == CTRL_C:
            work = ["sleep(1s)", "sleep(9s)    # Ctrl-C comes here, twice"]
        if cell.has(CTRL_C):
            work = block("try", work, "} except Interrupt {") + indent(["seen = true", "raise"]) + ["}"]
        helper = []
        if second == CTRL_C and first in calls:
            helper = [calls[first], "checkpoint()    " + BEFORE]
        elif second == CTRL_C and first == TIMEOUT:
            helper = ["checkpoint()    " + BEFORE]
        elif first == CTRL_C and second in calls:
            helper = block("shield", [calls[second] + "    " + BEFORE])
        elif second in calls:
            helper = [calls[k] for k in (first, second) if k in calls]
        if helper:
            helper = block("try", ["sleep(1s)"] + helper, "} except Interrupt { }")
            helper = block("clock.spawn(fn()", helper, "})")
            helper += ["checkpoint()    # its sleep begins before all that comes now"]
        lines = work
        for kind, name, seconds in reversed(cell.scopes()):
            if kind == TIMEOUT:
                lines = block("timeout %ds" % seconds, lines)
            elif kind == CANCEL:
                lines = block("nursery n", (["scope = n"] if helper else []) + lines)
            else:
                lines = block("nursery outer", helper + lines)
                helper, clocked = [], helper
            lines += ['say("after %s")' % name]
        outside = cell.has(OUTER)
        if helper or (outside and clocked):
            lines = block("nursery clock", helper + lines)
        lines = block("try", lines, "} except Exception as *all {")
        lines += indent(['say("came out: {[e.message for e in all]}")']) + ["}"]
        top = ["let start = now()"]
        if cell.has(CTRL_C):
            top += ["let seen = false"]
            lines += ['say("its handler saw Ctrl-C: {seen}")']
        if cell.has(CANCEL) and second != ERROR:
            top += ["let scope"]
        return top + ["", 'fn say(text) { print("{now() - start:.0f}s {text}") }', ""] + lines

    def rules_of(self, cell):
        r = Result()
        if cell.first == cell.second == CTRL_C:
            r.stderr.append("interrupted again")
            r.use("broken")
        come_out(r, cell, 1, errors_of(cell))
        if cell.has(CTRL_C):
            r.say(1, "its handler saw Ctrl-C: true")
        return r


PLACES = [Straight(), BodyThenChild(), ChildThenBody(), TwoChildren(), HandlerOfError(), HandlerOfInterrupt(),
          Finally(), TimeoutInside(), Shield(), WithEnter(), WithEnterBusy(), WithExit()]


# ---- texts ---------------------------------------------------------------------------------------

def member_phrase(cell, message):
    if message == "interrupted by Ctrl-C":
        return "Interrupt"
    if message.startswith("not done"):
        return "Timeout" if cell.first != cell.second else "Timeout of " + message.split()[-1]
    return "error" if not (cell.first == cell.second == ERROR) else message + " error"


def phrase(cell, result):
    if result.members:
        text = " + ".join(member_phrase(cell, m) for m in result.members)
    else:
        text = "goes on after `%s`" % result.after
    if result.stderr and "broken" in result.rules and cell.t1 < cell.t2:
        text += ", cleanup broken"
    elif cell.place.folder == "handler_of_interrupt":
        text += ", handler whole" if result.clean else ", handler cut"
    return text


def claim(cell, result):
    place = cell.place.title.replace("`", "")
    again = cell.first == cell.second
    second = {ERROR: "another error", CTRL_C: "Ctrl-C again", TIMEOUT: "a timeout further out",
              CANCEL: "`n.cancel()` again", OUTER: "the same again"}[cell.second] if again else NAMES[cell.second]
    if result.members:
        names = [member_phrase(cell, m) for m in result.members]
        out = "what comes out is " + ("" if len(names) == 1 else "a group: ") + ", ".join(names)
    else:
        out = "nothing comes out, the program goes on after %s" % result.after
    if result.stderr and "broken" in result.rules and cell.t1 < cell.t2:
        out += "; the cleanup is broken off"
    elif cell.place.folder == "handler_of_interrupt":
        out += "; the handler " + ("ran to its end" if result.clean else "was cut")
    return "%s: %s, then %s: %s." % (place, NAMES[cell.first].replace("`", ""), second.replace("`", ""), out)


def with_expectations(lines, result):
    """The expectations stand beside the prints where these come in the order of the file; else at the end."""
    wanted = ["%ds %s" % line for line in result.lines]
    at, places = -1, []
    for _, text in result.lines:
        fixed = re.split(r": |\[", text)[0]                   # what a print has in its own text
        call = 'say("%s")' % text if fixed == text else 'say("%s' % fixed
        hits = [i for i, line in enumerate(lines) if call in line]
        if len(hits) != 1 or hits[0] <= at:
            return lines + [""] + ["# expect: " + text for text in wanted]
        at = hits[0]
        places.append(at)
    lines = list(lines)
    width = max(len(lines[i]) for i in places)
    for i, text in zip(places, wanted):
        lines[i] = lines[i].ljust(width) + "    # expect: " + text
    return lines


def script_text(cell, numbers):
    result = cell.place.rules_of(cell)
    head = ["# " + claim(cell, result)]
    numbers_of_rules = ", ".join(str(RULE_NUMBERS[key]) for key in sorted(result.rules, key=RULE_NUMBERS.get))
    if len(result.rules) > 1:
        numbers_of_rules = "s " + numbers_of_rules
    else:
        numbers_of_rules = " " + numbers_of_rules
    head += ["# By the rule%s of docs/meetings.md. Written by tests/meetings/generate.py." % numbers_of_rules]
    if numbers:
        head += ["# flags: --press=" + ",".join(map(str, numbers))]
    if cell.place.folder == "straight" and cell.first == TIMEOUT and cell.second == CTRL_C:
        head += ["# modes: plain"]                             # in slices of one boundary they do not meet
    lines = with_expectations(cell.place.script(cell), result)
    lines += ["# expect error: " + text for text in result.stderr]
    return "\n".join(head + lines) + "\n"


EXAMPLE = '''```tg
try {
    timeout 1s {
        try {
            sleep(9s)
        } finally {
            sleep(1s)
            raise ValueError("cleanup")
        }
    }
} except Timeout {
    print("out of time")      # expect: out of time
} except ValueError as e {
    print(e.message)          # expect: cleanup
}
```'''


def manual_text():
    out = ["# When two things meet", "",
           "An error, a Ctrl-C, a timeout, a cancellation of this nursery (`n.cancel()`) and one of a scope further out: what happens when",
           "one of them comes while another is still on its way? This page has a table for each place in which they can meet. It is",
           "written by `tests/meetings/generate.py`, which derives every cell from the rules below; each cell is also a script,",
           "`tests/conformance/meeting/<place>/<first>_then_<second>.tg`, which the tests run.", "", "## The rules", ""]
    out += ["%d. %s" % (RULE_NUMBERS[key], text) for key, text in RULES.items()]
    out += ["", "Two of them at work: a timeout strikes, and the cleanup after it raises an error. Both come out, and both handlers run.", "",
            EXAMPLE, "", "## The tables", "",
            "Rows: who came first. Columns: who came second. A cell says what comes out, in the order of the group; or, where nothing does,",
            "after which block the program goes on. Unless said otherwise `outer` stands around the timeout, that around `n`, and that around the task's",
            "work; of two timeouts the inner one is up first (after the seconds that are named).",
            "Behind the name of a place: its folder, and the number of its scripts."]
    labels = {ERROR: "error", CTRL_C: "Ctrl-C", TIMEOUT: "timeout", CANCEL: "`n.cancel()`", OUTER: "outer cancelled"}
    for place in PLACES:
        cells = {(cell.first, cell.second): cell for cell in place.cells()}
        out += ["", "### %s (`%s`, %d)" % (place.title, place.folder, len(cells)), "", place.text, ""]
        columns = [k for k in KINDS if any(second == k for _, second in cells)]
        rows = [k for k in KINDS if any(first == k for first, _ in cells)]
        out += ["| first ↓ second → | " + " | ".join(labels[k] for k in columns) + " |", "|---" * (len(columns) + 1) + "|"]
        for first in rows:
            row = []
            for second in columns:
                cell = cells.get((first, second))
                row.append(phrase(cell, place.rules_of(cell)) if cell else "—")
            out.append("| **%s** | %s |" % (labels[first], " | ".join(row)))
    return "\n".join(out) + "\n"


# ---- the boundaries of the presses ---------------------------------------------------------------

def run(path, presses):
    command = [TG, "--virtual-time", "--press=" + ",".join(map(str, presses)), path]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=20, check=False)
    return done.stdout.decode()


def line_of(lines, mark):
    hits = [number for number, line in enumerate(lines, 1) if mark in line]
    if len(hits) != 1:
        raise SystemExit("%d lines are marked %r" % (len(hits), mark))
    return hits[0]


def listed(output):
    """The tasks of the list that a second press prints: (line, waits)."""
    at = output.find("tg: interrupted again")
    found = []
    for line in output[at:].split("\n")[1:] if at >= 0 else []:
        match = re.match(r"  \S+(?: at \S*:(\d+))?(, waiting: .*)?$", line)
        if not match:
            break
        found.append((int(match.group(1) or 0), bool(match.group(2))))
    return found


def told(output):
    """The tasks that an Interrupt struck, as the told script prints them: (line, waits)."""
    return [(int(line), waits != "nil") for line, waits in re.findall(r"^struck (\d+) (.*)$", output, re.M)]


def find_place(path, line, waits, presses_at):
    """The first boundary at which a task is on that line: waits there, or is before its call."""
    for n in range(1, 400):
        output = run(path, presses_at(n))
        if ": error TG" in output:
            raise SystemExit(output)
        if (line, waits) in (listed(output) + told(output) if waits else listed(output)):
            return n
    with open(path, encoding="utf-8") as file:
        raise SystemExit("no boundary found for line %d of\n%s" % (line, file.read()))


def find_timed(path, first, seconds):
    """The last boundary at which the watching task sees the second press at that time: there all wait."""
    best = 0
    for n in range(first + 1, 400):
        if 'Ctrl-C came at ["1s", "%ds"]' % seconds in run(path, [first, n]):
            best = n
        elif best:
            return best
    raise SystemExit("no boundary found: %s at %ds" % (path, seconds))


def calibrate_cell(cell, path):
    """The presses of a cell. What is changed here in its script runs after the press: no boundary moves."""
    lines = cell.place.script(cell)
    tell = 'for t in told.tasks { print("struck {t.line} {t.waiting}") }'
    text = "\n".join(lines).replace("} except Interrupt {\n", "} except Interrupt as told { %s\n" % tell)
    text = text.replace('say("came out: {[e.message for e in all]}")',
                        "for told in all { if told is Interrupt { %s } }" % tell)

    def write(text):
        with open(path, "w", encoding="utf-8") as out:
            out.write(text + "\n")

    write(text)
    if cell.place.folder == "straight" and cell.first == cell.second:
        n = find_place(path, line_of(lines, HERE + ", twice"), True, lambda n: [n, n])
        return [n, n]
    if cell.place.folder in ("straight", "with_enter_busy"):
        n = find_place(path, line_of(lines, BEFORE), False, lambda n: [n, n])
        return [n] * cell.presses()
    line = line_of(lines, HERE)
    if cell.place.folder == "with_enter" and cell.first == CTRL_C:
        # What comes before the call strikes in its wait too, as only waits are boundaries there: the next one.
        n = 1 + find_place(path, line, False, lambda n: [n, n])
    else:
        n = find_place(path, line, True, lambda n: [n, n])
    if cell.presses() == 1:
        return [n]
    if cell.place.folder != "handler_of_interrupt":
        return [n, n + find_place(path, line_of(lines, HERE_TOO), True, lambda m: [n, n + m])]
    # The first was caught: the second makes no list, and may be held off. A task that watches sees when it comes.
    write("\n".join(lines))
    return [n, find_timed(path, n, cell.t1 if cell.first == CTRL_C else cell.t2)]


def calibrate():
    numbers = {}
    with tempfile.TemporaryDirectory() as folder:
        for place in PLACES:
            for cell in place.cells():
                if cell.presses():
                    numbers[cell.key] = calibrate_cell(cell, os.path.join(folder, "cell.tg"))
    with open(NUMBERS, "w", encoding="utf-8") as out:
        rows = ["  %s: %s" % (json.dumps(key), json.dumps(value)) for key, value in sorted(numbers.items())]
        out.write("{\n" + ",\n".join(rows) + "\n}\n")


# ---- files ---------------------------------------------------------------------------------------

def wanted_files():
    numbers = {}
    if os.path.exists(NUMBERS):
        with open(NUMBERS, encoding="utf-8") as file:
            numbers = json.load(file)
    files = {MANUAL: manual_text()}
    for place in PLACES:
        for cell in place.cells():
            presses = numbers.get(cell.key, [])
            if len(presses) != cell.presses():
                raise SystemExit("%s: run --calibrate" % cell.key)
            files["%s/%s.tg" % (SCRIPTS, cell.key)] = script_text(cell, presses)
    return files


def present_files():
    for folder, _, names in os.walk(os.path.join(ROOT, SCRIPTS)):
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), ROOT)


def main(args):
    if args not in ([], ["--check"], ["--calibrate"]):
        raise SystemExit(__doc__)
    if args == ["--calibrate"]:
        calibrate()
    files = wanted_files()
    extra = sorted(path for path in present_files() if path not in files)
    if args == ["--check"]:
        bad = ["%s: not written by it" % path for path in extra]
        for path, text in files.items():
            full = os.path.join(ROOT, path)
            if not os.path.exists(full):
                bad.append(path + ": is not there")
                continue
            with open(full, encoding="utf-8") as file:
                if file.read() != text:
                    bad.append(path + ": differs")
        print("\n".join(bad + ["%d files, %d differ" % (len(files), len(bad))]))
        return 1 if bad else 0
    for path in extra:
        os.remove(os.path.join(ROOT, path))
    for path, text in files.items():
        full = os.path.join(ROOT, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as out:
            out.write(text)
    print("%d scripts written" % (len(files) - 1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
