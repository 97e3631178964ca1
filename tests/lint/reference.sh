#!/bin/bash
# docs/reference.md is what its template and the tables of the library make of it (`make reference`; $1 is the program that does),
# and mentions each option. The C program of docs/embedding.md compiles. Prints what is missing; status 1 if anything is.
cd "$(dirname "$0")/../.." || exit 2
status=0
PAGE=docs/reference.md
complain() {
    echo "lint: $*" >&2
    status=1
}

"$1" docs/reference.md.in | cmp - "$PAGE" || complain "$PAGE is not up to date: make reference"

while read -r name; do
    grep -qF -e "\`$name" "$PAGE" || complain "$PAGE: \`$name\` is missing"
done < <(sed -n 's/^ *"  \(--[a-z-]*\).*/\1/p' lang/cli/options.c lang/cli/check.c)

if [ -f docs/embedding.md ]; then
    awk '/^```/ { on = $0 == "```c"; next } on' docs/embedding.md |
        ${CC:-gcc} -std=gnu17 -D_GNU_SOURCE= -I. -iquote build -Wall -Wextra -Werror -fsyntax-only -x c - ||
        complain 'docs/embedding.md: the example does not compile'
fi
[ $status = 0 ] && echo 'lint: the reference mentions all there is'
exit $status
