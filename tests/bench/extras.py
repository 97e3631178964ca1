"""What the table of programs does not show: starting, compiling, a raise, memory, pauses."""
import itertools
import re
import tempfile
from pathlib import Path

import bench

# Raises and catches three calls deep, or calls as deep without: the difference is the exception.
RAISE = {
    "tg": """
fn c(i, on) { if on { raise ValueError("no") }; return i }
fn b(i, on) { return c(i, on) + 1 }
fn a(i, on) { return b(i, on) + 1 }
fn work(n, on) { for i in 0..n { try { a(i, on) } except ValueError { } } }
work(int(args[0]), args[1] == "on")
""",
    "lua": """
local function c(i, on) if on then error("no") end return i end
local function b(i, on) return c(i, on) + 1 end
local function a(i, on) return b(i, on) + 1 end
for i = 1, tonumber(arg[1]) do pcall(a, i, arg[2] == "on") end
""",
    "js": """
function c(i, on) { if (on) throw new Error("no"); return i; }
function b(i, on) { return c(i, on) + 1; }
function a(i, on) { return b(i, on) + 1; }
const on = process.argv[3] === "on";
for (let i = Number(process.argv[2]); i > 0; i--) { try { a(i, on); } catch (e) { } }
""",
    "py": """
import sys
def c(i, on):
    if on: raise ValueError("no")
    return i
def b(i, on): return c(i, on) + 1
def a(i, on): return b(i, on) + 1
on = sys.argv[2] == "on"
for i in range(int(sys.argv[1])):
    try: a(i, on)
    except ValueError: pass
""",
}

INTS = {
    "tg": "fn work() { let xs = []; for i in 0..10000000 { xs.push(i) }; print(len(xs)) }; work()",
    "lua": "local xs = {} for i = 1, 10000000 do xs[i] = i end print(#xs)",
    "js": "const xs = []; for (let i = 0; i < 10000000; i++) xs.push(i); console.log(String(xs.length));",
    "py": "xs = list(range(10000000))\nprint(len(xs))",
}

def write(folder, name, text):
    path = Path(folder) / name
    path.write_text(text)
    return str(path)


def start(tg, lua):
    rows = [["starting, ms", "wall", "user"]]
    commands = {"tg -e nil": [*tg.command, "-e", "nil"], "lua5.4 -e ''": [*lua.command, "-e", ""]}
    runs = {name: [] for name in commands}
    for _ in range(30):
        for name, command in commands.items():
            runs[name].append(bench.run(command))
    for name, results in runs.items():
        rows.append([name, *(f"{bench.median([getattr(r, what) for r in results]) * 1000:.2f}"
                             for what in ("wall", "user"))])
    bench.table(rows)


TG_TEXT = """
# The {i}th of many: a function, a class, and some statements that use them.
fn work_{i}(items, limit = {i}) {{
    let total = 0
    for index, item in enumerate(items) {{
        if item.price > limit and not item.sold {{
            total += item.price * 2 + index % 7
            print("{{item.name}} costs {{item.price:.2f}}", total)
        }} else if item.name == "nothing" {{
            continue
        }}
    }}
    return {{name: "work {i}", total: total, parts: [1, 2.5, "three", nil]}}
}}

class Shape_{i} {{
    fn init(width, height) {{
        self.width = width
        self.height = height
    }}
    fn area() => self.width * self.height
    fn scale(factor) {{
        try {{
            self.width *= factor
        }} except ValueError as e {{
            raise TypeError("no: {{e.message}}") from e
        }}
        return [Shape_{i}(x, x + 1) for x in 0..10 if x > 3]
    }}
}}
"""

LUA_TEXT = """
-- The {i}th of many: a function, a class, and some statements that use them.
function work_{i}(items, limit)
    limit = limit or {i}
    local total = 0
    for index, item in ipairs(items) do
        if item.price > limit and not item.sold then
            total = total + item.price * 2 + index % 7
            print(string.format("%s costs %.2f", item.name, item.price), total)
        elseif item.name == "nothing" then
            total = total + 0
        end
    end
    return {{name = "work {i}", total = total, parts = {{1, 2.5, "three"}}}}
end

Shape_{i} = {{}}
Shape_{i}.__index = Shape_{i}

function Shape_{i}.new(width, height)
    return setmetatable({{width = width, height = height}}, Shape_{i})
end

function Shape_{i}:area() return self.width * self.height end

function Shape_{i}:scale(factor)
    local ok, e = pcall(function() self.width = self.width * factor end)
    if not ok then error("no: " .. e) end
    local result = {{}}
    for x = 4, 9 do result[#result + 1] = Shape_{i}.new(x, x + 1) end
    return result
end
"""


def generate(path, first, template, size):
    """Piece by piece: what this process takes would count as a child's peak."""
    with open(path, "w") as file:
        length = file.write(first)
        for i in itertools.count():
            if length >= size:
                return
            length += file.write(template.format(i=i))


def compiling(tg, lua, folder):
    """A script whose first line ends it: all of it is compiled, nothing more of it runs."""
    rows = [["until the first line runs", "1 MB, ms", "20 MB, ms", "MB/s", "peak, MB"]]
    for peer, first, template in ((tg, "exit(0)\n", TG_TEXT), (lua, "do os.exit(0) end\n", LUA_TEXT)):
        runs = []
        for size in (1, 20):
            path = str(Path(folder) / f"big{size}.{peer.extension}")
            generate(path, first, template, size * 1000000)
            runs.append([bench.run([*peer.command, path]) for _ in range(5 if size == 1 else 1)])
        small, big = (bench.median([r.wall for r in results]) for results in runs)
        if any(r.status != 0 for results in runs for r in results):
            rows.append([peer.name, "failed"])
            continue
        rows.append([peer.name, f"{small * 1000:.0f}", f"{big * 1000:.0f}", f"{19 / (big - small):.1f}",
                     f"{runs[1][0].peak / 1024:.0f}"])
    bench.table(rows)


def raising(peers, folder):
    rows = [["raised and caught three calls deep", "ns"]]
    for peer in peers:
        path = write(folder, f"raise.{peer.extension}", RAISE[peer.extension])
        n = 200000
        times = {how: bench.median([bench.run([*peer.command, path, str(n), how]).user for _ in range(3)])
                 for how in ("on", "off")}
        rows.append([peer.name, f"{(times['on'] - times['off']) / n * 1e9:.0f}"])
    bench.table(rows)


def memory(peers, folder):
    rows = [["peak memory, MB", "trees", "/ lua5.4's", "10 M Ints", "/ lua5.4's"]]
    trees = next(p for p in bench.programs([]) if p.name == "trees")
    peaks = {}
    for peer in peers:
        path = write(folder, f"ints.{peer.extension}", INTS[peer.extension])
        peaks[peer.name] = [bench.run([*peer.command, trees.path(peer.extension), trees.full]).peak / 1024,
                            bench.run([*peer.command, path]).peak / 1024]
    for name, peak in peaks.items():
        rows.append([name])
        for value, base in zip(peak, peaks["lua5.4"]):
            rows[-1] += [f"{value:.1f}", f"{value / base:.2f}"]
    bench.table(rows)


def pauses(tg):
    """In processor time, as tg itself counts it."""
    rows = [["pauses of tg, with this alive", "MB", "pauses", "longest, ms", "99.9 % under, ms", "in all, ms"]]
    for kind in ("instances", "lists", "maps", "strings", "closures", "table", "tasks"):
        result = bench.run([*tg.command, "--gc-stats", str(bench.ROOT / "tests/bench/live.tg"), kind, "1000000"])
        told = re.search(r"in (\d+) pauses, ([\d.]+) ms in all; the longest ([\d.]+) ms, 99.9 % under ([\d.]+) ms", result.err)
        alive = re.search(r"([\d.]+) MB alive", result.err)
        if not told or not alive:
            rows.append([kind, "failed"])
            continue
        count, total, longest, most = told.groups()
        rows.append([kind, alive[1], count, longest, most, total])
    bench.table(rows)


def show(peers):
    tg, lua = peers[0], peers[1]
    with tempfile.TemporaryDirectory() as folder:
        start(tg, lua)
        memory(peers, folder)
        compiling(tg, lua, folder)
        raising(peers, folder)
        pauses(tg)
