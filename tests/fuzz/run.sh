#!/bin/bash
# make fuzz: build/fuzz/fuzz on each target for so many seconds. What it learns is kept in build/fuzz/corpus/TARGET; it begins with
# the project's own scripts. What falls over is left in build/fuzz/found/TARGET-…, and the status is 1.
#   run.sh SECONDS [TARGET…]
set -u
cd "$(dirname "$0")/../.." || exit 2
seconds=$1
shift
fuzz=build/fuzz/fuzz
[ $# -gt 0 ] || set -- compile line verify run program json csv re bytes http
corpus=build/fuzz/corpus
mkdir -p build/fuzz/found

# Seeds: whole scripts for those that read tg, and for the others what stands in tests/fuzz/seeds.
seeds_of() {
    mkdir -p "$corpus/$1"
    [ -z "$(ls -A "$corpus/$1")" ] || return 0
    case $1 in
    compile|line|run)
        # Not those that are about much work or memory.
        find tests/conformance tests/regression examples -name '*.tg' -size -3k -exec grep -L '^# \(flags\|send\|modes\|time\|args\)' {} + | while read -r script; do
            cp "$script" "$corpus/$1/$(echo "$script" | tr / _)"
        done ;;
    *) [ ! -d "tests/fuzz/seeds/$1" ] || cp tests/fuzz/seeds/"$1"/* "$corpus/$1/" ;;
    esac
    return 0
}

bad=
for target; do
    seeds_of "$target"
    words=()
    case $target in compile|line|run) words=(-dict=tests/fuzz/tg.dict -max_len=4096) ;; *) words=(-max_len=1024) ;; esac
    report=build/fuzz/$target.log
    # A run within limits takes a second at most; the rest is the sanitizers' share.
    FUZZ_TARGET=$target ASAN_OPTIONS=detect_leaks=${LEAKS:-0} "$fuzz" "${words[@]}" -max_total_time="$seconds" -timeout=120 -rss_limit_mb=3000 \
        -print_final_stats=1 -close_fd_mask=1 -artifact_prefix="build/fuzz/found/$target-" "$corpus/$target" > "$report" 2>&1
    status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$report")
    echo "$target: ${runs:-?} inputs, status $status"
    [ $status = 0 ] || { bad="$bad $target"; grep -v "^INFO\|^#\|^stat\|^NOTE\|^ *#[0-9]\|^Dictionary\|^0x\|^Base64" "$report" | head -40; }
done
[ -z "$bad" ] || { echo "fuzz: found something in$bad (build/fuzz/found)" >&2; exit 1; }
