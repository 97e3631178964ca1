#!/bin/bash
# make soak MINUTES=…: guests of every kind call at examples/remote_shell.tg for so long. At the end it has as many tasks and
# descriptors as before, hardly more memory in use, answers, and dies of Ctrl-C. Status 1 where it does not.
set -um # -m: a background job that Ctrl-C reaches
cd "$(dirname "$0")/../.." || exit 2
tg=${TG:-./tg}
minutes=${1:-1}
room=$(mktemp -d) || exit 2
server=
finish() {
    [ -z "$server" ] || kill -KILL "$server" 2> /dev/null
    rm -rf "$room"
}
trap finish EXIT

"$tg" examples/remote_shell.tg 0 > "$room/out" 2> "$room/err" &
server=$!
for _ in $(seq 100); do
    port=$(sed -n 's/^listening at .*:\([0-9]*\)$/\1/p' "$room/out")
    [ -z "$port" ] || break
    sleep 0.1
done
[ -n "$port" ] || { cat "$room/err" >&2; exit 1; }

descriptors() { find "/proc/$server/fd" -mindepth 1 | wc -l; }
ask() {
    "$tg" -e 'import net
with net.connect("127.0.0.1", int(args[0])) as s { s.write(args[1] + "\n"); print(s.read_line()) }' "$port" "$1"
}
tasks() { ask 'len(str(tasks()).lines())'; }
# What values hold after a whole collection: what the process has depends on when the last one was.
memory() { ask 'import os; os.collect() // 1024'; }
resident() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$server/status"; }
guests() { timeout $((${1%.*} + 60)) "$tg" tests/soak/clients.tg "$port" "$1" || failed="guests were not served"; }
failed=''

# What is made once and kept (buffers, caches) is there after a while.
guests 10
sleep 3
had="$(descriptors) descriptors, $(tasks) tasks"
memory_had=$(memory)
resident_had=$(resident)
guests "$(awk "BEGIN { print $minutes * 60 }")"
sleep 3
has="$(descriptors) descriptors, $(tasks) tasks"
memory_has=$(memory)
resident_has=$(resident)
echo "before: $had, $memory_had KiB, $resident_had resident"
echo "after:  $has, $memory_has KiB, $resident_has resident"
[ "$had" = "$has" ] || failed="something was left"
[ "$memory_has" -le $((memory_had * 9 / 8 + 256)) ] || failed="what values hold grew"
[ "$resident_has" -le $((resident_had * 2 + 65536)) ] || failed="memory grew"
kill -INT "$server"
wait "$server"
status=$?
server=
[ $status = 130 ] || failed="exit status $status after Ctrl-C"
[ -z "$failed" ] || { echo "soak: $failed" >&2; tail -5 "$room/err" >&2; exit 1; }
echo 'soak: nothing was left'
