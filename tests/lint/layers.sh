#!/bin/bash
# make lint: the arrows of "How it fits together" (README.md) go downwards only, system headers with a
# room of their own stay in it, every header compiles alone; cppcheck and shellcheck where they are
# installed. Prints what is wrong; status 1 if anything is.
cd "$(dirname "$0")/../.." || exit 2
status=0
complain() {
    echo "lint: $*" >&2
    status=1
}

# Local includes of a file: "vm/task.h" …
includes() { sed -n 's/^[[:space:]]*#[[:space:]]*include "\([^"]*\)".*/\1/p' "$1"; }

DATA='value|wait|resource|object|op|code|gc|string|list|map|number|text|error|class|disasm|vm'

# may FILE REGEX: every local include of FILE matches REGEX.
may() {
    local include
    for include in $(includes "$1"); do
        [[ $include =~ ^($2)$ ]] || complain "$1 must not include $include"
    done
}

shopt -s nullglob
for file in lang/*.[ch]; do
    may "$file" "lang/[a-z_]+\.(h|def)|vm/($DATA)\.h|vm/opcodes\.def"
done
for file in vm/*.[ch]; do
    [ "$file" = vm/loop_observed.c ] || may "$file" 'vm/[a-z_]+\.(h|def)' # the loop once more: it includes loop.c
done
for file in stdlib/*.[ch]; do
    may "$file" "stdlib/[a-z_]+\.(h|def)|vm/(api|$DATA)\.h|build/[a-z_]+\.inc|[a-z_]+\.inc"
done
for file in lang/cli/*.[ch]; do
    may "$file" '(lang|lang/cli|vm|stdlib)/[a-z_]+\.h|build/[a-z_]+\.inc'
done

# only HEADER-REGEX FILE…: no other file may include this system header.
only() {
    local header=$1 file
    shift
    for file in lang/*.[ch] lang/cli/*.[ch] vm/*.[ch] stdlib/*.[ch]; do
        [[ " $* " == *" $file "* ]] && continue
        ! grep -qE "^[[:space:]]*#[[:space:]]*include <$header>" "$file" ||
            complain "$file must not include <$header>"
    done
}
only 'uv\.h' vm/reactor_uv.c
only 'signal\.h' vm/host_signal.c lang/cli/check.c lang/cli/test_run.c stdlib/spawn.c
only 'readline/.*' lang/cli/line_readline.c
only 'gmp\.h' vm/bigint.c
only 'pcre2\.h' stdlib/re.c
only 'nettle/.*' stdlib/hash.c

for header in lang/*.h lang/cli/*.h vm/*.h stdlib/*.h tests/*.h; do
    printf '#include "%s"\n' "$header" |
        ${CC:-gcc} -std=gnu17 -D_GNU_SOURCE= -I. -iquote build -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c - ||
        complain "$header does not compile alone"
done

# Every page begins with its own name.
for file in lang/*.[ch] lang/cli/*.[ch] vm/*.[ch] stdlib/*.[ch]; do
    head -1 "$file" | grep -q "^// $file" || complain "$file: its first line is not // $file"
done

if command -v cppcheck > /dev/null; then
    # The suppressed ones are guesses ("either the condition is redundant or ..."), its misreading of
    # hexadecimal floats, and what we mean (vm->stack_base). It cannot parse the loop's jump table.
    # From a folder without build/: the texts in there, arrays of bytes, take it minutes.
    room=$(mktemp -d)
    ln -s "$PWD/lang" "$PWD/vm" "$PWD/stdlib" "$PWD/tests" "$room"
    (cd "$room" && cppcheck --quiet --std=c11 --inline-suppr --error-exitcode=1 -j2 --enable=warning \
        --suppress=nullPointerArithmeticRedundantCheck --suppress=nullPointerRedundantCheck \
        --suppress=arrayIndexOutOfBoundsCond --suppress=zerodivcond --suppress=incorrectLogicOperator \
        --suppress=returnDanglingLifetime --suppress=autoVariables -i vm/loop.c -i vm/loop_observed.c \
        --suppress=missingIncludeSystem -I. \
        -D_GNU_SOURCE= -DTG_VERSION='""' lang/ lang/cli/ vm/ stdlib/ tests/support.c tests/conform.c) || status=1
    rm -r "$room"
else
    echo 'lint: no cppcheck here, left out' >&2
fi
if command -v shellcheck > /dev/null; then
    shellcheck tests/lint/*.sh .ci/run || status=1
fi
[ $status = 0 ] && echo 'lint: all is well'
exit $status
