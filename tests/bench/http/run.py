#!/usr/bin/env python3
"""make bench-http: requests to tg's server beside one in Node and one in Go, asked by wrk, in one run.

A figure is the CPU time of a request in the server's process (user + system), the smallest of the rounds; the servers take
turns. Behind it how many times tg's it is. Installs nothing: what is not there is left out, and that is said.
"""
import argparse
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
BUILD = ROOT / "build" / "bench"
TICK = os.sysconf("SC_CLK_TCK")
WORKS = [("a text", "/", None), ("a value as JSON, by a route", "/users/17", None), ("a body of 10 KB sent", "/size", 10000)]


def commands():
    """The servers that are installed; the port is their last argument."""
    yield "tg", [str(ROOT / "tg"), str(HERE / "server.tg")]
    if shutil.which("node"):
        yield "node", ["node", str(HERE / "server.js")]
    else:
        print("bench-http: no node here, left out", file=sys.stderr)
    if shutil.which("go"):
        BUILD.mkdir(parents=True, exist_ok=True)
        subprocess.run(["go", "build", "-o", BUILD / "http-go", HERE / "server.go"], check=True, cwd=HERE)
        yield "go", [str(BUILD / "http-go")]
    else:
        print("bench-http: no go here, left out", file=sys.stderr)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def ask(pid, port, path, size, options):
    """Microseconds of the server's CPU time a request, and requests a second."""
    command = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", f"http://127.0.0.1:{port}{path}"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if size:
            script.write(f'wrk.method = "POST"\nwrk.body = string.rep("x", {size})\n')
            script.flush()
            command[1:1] = ["-s", script.name]
        before = cpu_seconds(pid)
        report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in report or re.search(r"(connect|read|write) [1-9]", report):
        sys.exit(f"bench-http: {report}")
    count = int(re.search(r"(\d+) requests in", report).group(1))
    return (cpu_seconds(pid) - before) / count * 1e6, float(re.search(r"Requests/sec:\s+([\d.]+)", report).group(1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("bench-http: needs wrk (its Debian package is wrk)")
    servers = {}
    try:
        for name, command in commands():
            port = free_port()
            server = subprocess.Popen([*command, str(port)], stdout=subprocess.PIPE)
            server.stdout.readline()
            servers[name] = (server, port)
        print(f"{'CPU time of a request':32}" + "".join(f"{name:>22}" for name in servers))
        for title, path, size in WORKS:
            best = {}
            for _ in range(options.rounds):
                for name, (server, at) in servers.items():
                    best[name] = min(best.get(name, (1e9, 0)), ask(server.pid, at, path, size, options))
            print(f"{title:32}" + "".join(f"{best[name][0]:>8.1f} us {best[name][0] / best['tg'][0]:>4.2f} {best[name][1]:>5.0f}/s" for name in servers))
        print(f"{'memory after it':32}" + "".join(f"{memory_mb(server.pid):>19.1f} MB" for server, _ in servers.values()))
    finally:
        for server, _ in servers.values():
            server.send_signal(signal.SIGTERM)
            server.wait()


main()
