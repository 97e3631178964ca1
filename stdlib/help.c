// stdlib/help.c
// Pages of help, as plain text.
// Layer: library.
#include "stdlib/help.h"

#include "stdlib/lib.h"

bool tg_help_name(TgVM *vm, const char *name, TgBuffer *out) {
    (void)vm;
    tg_buffer_format(out, "there is no help for %s yet\n", name);
    return false;
}

void tg_help_value(TgVM *vm, TgValue value, TgBuffer *out) {
    tg_buffer_format(out, "%s: there is no help for it yet\n", tg_type_name(vm, value));
}
