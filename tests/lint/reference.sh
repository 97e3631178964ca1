#!/bin/bash
# docs/reference.md mentions all that scripts can use: each native of the tables in stdlib/ and vm/ and each
# public function of prelude.tg with its whole signature (under the heading of its class or module), each
# exception, module constant, and option. The C program of docs/embedding.md compiles. Prints what is missing;
# status 1 if anything is.
cd "$(dirname "$0")/../.." || exit 2
status=0 count=0
PAGE=docs/reference.md
complain() {
    echo "lint: $*" >&2
    status=1
}

# The heading that a table belongs to; "" is the whole page.
heading_of() {
    case $1 in
    tg_lib_strings | tg_lib_texts | tg_lib_string_statics | String) echo String ;;
    tg_lib_lists | tg_lib_list_sort | List) echo List ;;
    tg_lib_maps | Map) echo Map ;;
    tg_lib_math_members) echo math ;;
    tg_lib_random_members) echo random ;;
    tg_lib_time_members) echo time ;;
    channel_methods) echo Channel ;;
    task_methods) echo Task ;;
    nursery_methods) echo Nursery ;;
    lock_methods | semaphore_methods | event_methods | condition_methods | barrier_methods | Condition)
        echo 'Lock, Semaphore, Event, Condition, Barrier' ;;
    esac
}

# The text below a heading, up to the next one.
section() {
    if [ -z "$1" ]; then cat "$PAGE"; else awk -v at="### $1" '/^#/ { on = $0 == at } on' "$PAGE"; fi
}

# TABLE|SIGNATURE, for each row of each table of natives.
natives() {
    sed -n '/const TgNativeDef [a-z_]*\[\]/,/^};/ {
        s/.*const TgNativeDef \([a-z_]*\)\[\].*/=\1/p
        s/^[[:space:]]*{"\(\([^"\\]\|\\.\)*(\([^"\\]\|\\.\)*\)",.*/\1/p
    }' stdlib/*.c vm/*.c | sed 's/\\\(.\)/\1/g' |
        awk '/^=/ { table = substr($0, 2); next } { print table "|" $0 }'
}

# The same of the library's tg half: List__map(list, f) is map(f) of List.
prelude() {
    sed -n -e 's/^fn \([A-Z][a-zA-Z]*\)__\([a-z_]*\)([a-z]*\(, \)\{0,1\}\(.*)\) *[{=].*/\1|\2(\4/p' \
        -e 's/^fn \([a-z][a-z_]*(.*)\) *[{=].*/|\1/p' stdlib/prelude.tg
}

while IFS='|' read -r table signature; do
    count=$((count + 1))
    case $signature in
    _*) continue ;; # the library's own
    'init('*) wanted=(-e "${signature#init}\`") ;; # of exceptions
    *) wanted=(-e "\`$signature\`" -e ".$signature\`") ;;
    esac
    heading=$(heading_of "$table")
    section "$heading" | grep -qF "${wanted[@]}" ||
        complain "$PAGE${heading:+, $heading}: \`$signature\` is missing"
done < <(natives; prelude)
[ "$count" -gt 150 ] || complain "only $count natives were found: the tables look different now"

# mentions PREFIX SUFFIX: each line of stdin stands so behind a backquote.
mentions() {
    local name
    while read -r name; do
        grep -qF -e "\`$1$name$2" "$PAGE" || complain "$PAGE: \`$1$name\` is missing"
    done
}
mentions '' '`' < <(sed -n 's/^ *ERROR(\([A-Za-z]*\), [A-Za-z]*).*/\1/p' vm/error.h)
mentions math. '`' < <(sed -n 's/.*tg_module_set(vm, module, "\([a-z]*\)".*/\1/p' stdlib/math.c)
mentions '' '' < <(sed -n 's/^ *"  \(--[a-z-]*\).*/\1/p' lang/cli/options.c lang/cli/check.c)
while read -r name; do
    grep -qx "### $name" "$PAGE" || complain "$PAGE: the module $name is missing"
done < <(sed -n 's/^MODULE(\([a-z]*\),.*/\1/p' stdlib/modules.def)

if [ -f docs/embedding.md ]; then
    awk '/^```/ { on = $0 == "```c"; next } on' docs/embedding.md |
        ${CC:-gcc} -std=gnu17 -D_GNU_SOURCE= -I. -iquote build -Wall -Wextra -Werror -fsyntax-only -x c - ||
        complain 'docs/embedding.md: the example does not compile'
fi
[ $status = 0 ] && echo 'lint: the reference mentions all there is'
exit $status
