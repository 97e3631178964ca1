#!/usr/bin/env python3
"""make oom: each allocation of each script here fails once, alone and with all that follow.

A run has to print what it prints otherwise and end by 0, or say that there is no memory (a script may take that: it says so
itself) and end by 1 or 2. Anything else, a crash, a hang, other output or silence, is a finding; the command to see it again is printed.

    run.py TG [--every N] [--from-on] [SCRIPT...]
"""
import argparse, os, pathlib, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).parent
SECONDS = 60


def run(tg, script, at=0, goes_on=False):
    """status, stdout, stderr, allocations"""
    tell, told = os.pipe()
    env = dict(os.environ, TG_FAIL_TELL=str(told), ASAN_OPTIONS='detect_leaks=1')
    env.update({'TG_FAIL_AT': str(at)} if at else {})
    env.update({'TG_FAIL_ON': '1'} if goes_on else {})
    try:
        done = subprocess.run([tg, '--virtual-time', script], env=env, pass_fds=[told], capture_output=True, stdin=subprocess.DEVNULL,
                              timeout=SECONDS)
        status, out, err = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        status, out, err = 'no end', b'', b''
    os.close(told)
    count = os.read(tell, 100).strip()
    os.close(tell)
    return status, out, err, int(count or 0)


def judge(expected, got):
    status, out, err, _ = got
    if b'Sanitizer' in err or b'runtime error' in err or b'Assertion' in err: return 'the sanitizer or an assertion objects'
    if not isinstance(status, int) or status < 0 or status not in (0, 1, 2): return f'ended by {status}'
    says = b'memory' in err.lower() or b'MemoryError' in out
    if status == 0 and out != expected[1] and not says: return 'ended by 0 with other output'
    if status != expected[0] and not says: return 'does not say why'
    return None


def sweep(tg, script, first, every, goes_on, pool):
    expected = run(tg, script)
    places = range(max(1, min(first, expected[3] - 100)), expected[3] + 1, every)
    findings = {}
    for at, got in zip(places, pool.map(lambda at: run(tg, script, at, goes_on), places)):
        wrong = judge(expected, got)
        if wrong: findings.setdefault((wrong, got[2][-200:]), []).append(at)
    name = os.path.relpath(script)
    print(f'{name}{" (and all that follow)" if goes_on else ""}: {len(places)} allocations failed, {sum(map(len, findings.values()))} findings')
    for (wrong, err), where in findings.items():
        print(f'  {wrong}, at {where[:8]}: TG_FAIL_AT={where[0]} {"TG_FAIL_ON=1 " if goes_on else ""}{tg} --virtual-time {name}')
        print('    ' + err.decode(errors='replace').replace('\n', '\n    '))
    return expected[3], bool(findings)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('tg')
    parser.add_argument('--every', type=int, default=1)
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('scripts', nargs='*')
    options = parser.parse_intermixed_args()
    scripts = options.scripts or sorted(map(str, HERE.glob('[!_]*.tg')))
    bad, births = False, 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for script in scripts:
            # What a VM allocates before it runs anything is tried once, with the first script.
            for goes_on in False, True:
                count, is_bad = sweep(options.tg, script, births, options.every, goes_on, pool)
                bad |= is_bad
            if not births: births = run(options.tg, str(HERE / '_nothing.tg'))[3]
    return bad


if __name__ == '__main__':
    sys.exit(main())
