// vm/report.c
// An exception that nobody took, for people: what, where, by which way, because of what.
// Layer: runtime, top.
#include <stdlib.h>

#include "vm/api.h"
#include "vm/run.h"
#include "vm/trace.h"

enum { MAX_DEPTH = 8, SHOWN_FRAMES = 12 };

// The source line with a caret, where the text is known.
static void print_source(FILE *out, const TgCode *code, TgPlace place, int indent) {
    if (!code->source || place.line == 0) return;
    const char *at = code->source->text, *end = at + code->source->length;
    uint32_t first = code->source->first_line ? code->source->first_line : 1;
    for (uint32_t line = first; line < place.line && at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    int length = (int)((stop ? stop : end) - at);
    if (length > 0 && at[length - 1] == '\r') length--;
    if (length == 0 || length > 200) return;
    fprintf(out, "%*s%5u | %.*s\n", indent, "", place.line, length, at);
    fprintf(out, "%*s      | ", indent, "");
    for (uint32_t i = 1; i < place.column && (int)i <= length; i++) fputc(at[i - 1] == '\t' ? '\t' : ' ', out);
    fputs("^\n", out);
}

static void print_trace(FILE *out, const TgTrace *trace, int indent) {
    if (!trace) return;
    uint32_t shown = 0, hidden = 0;
    for (uint32_t i = 0; i < trace->count; i++) {
        const TgTraceFrame *frame = &trace->frames[i];
        if (frame->code->is_hidden) continue;
        if (shown >= SHOWN_FRAMES && i + 2 < trace->count) {
            hidden++;
            continue;
        }
        if (hidden) fprintf(out, "%*s  … %u more calls\n", indent, "", hidden);
        hidden = 0;
        TgPlace place = tg_code_place(frame->code, frame->at);
        fprintf(out, "%*s  %s %s:%u:%u", indent, "", shown ? "called from" : "at", frame->code->file->data, place.line,
                place.column);
        if (frame->code->name->length) fprintf(out, " in %s", frame->code->name->data);
        fputc('\n', out);
        if (shown == 0) print_source(out, frame->code, place, indent + 2);
        shown++;
    }
    if (hidden + trace->left_out) fprintf(out, "%*s  … %u more calls\n", indent, "", hidden + trace->left_out);
    if (trace->spawn_code && !trace->spawn_code->is_hidden) {
        TgPlace place = tg_code_place(trace->spawn_code, trace->spawn_pc);
        fprintf(out, "%*s  in task %s#%u, spawned at %s:%u\n", indent, "", trace->task_name->data, trace->task_id,
                trace->spawn_code->file->data, place.line);
    }
}

static void print_message(FILE *out, const TgString *message, int indent) {
    for (uint32_t i = 0; i < message->length; i++) {
        fputc(message->data[i], out);
        if (message->data[i] == '\n') fprintf(out, "%*s", indent, "");
    }
    fputc('\n', out);
}

static void print_exception(TgVM *vm, TgValue error, FILE *out, int indent, int depth) {
    TgException *exception = (TgException *)tg_as_obj(error);
    TgString *message = tg_error_message(vm, exception);
    TgList *members = tg_error_members(vm, exception);
    fprintf(out, "%s%s", exception->instance.class_->name->data, message->length ? ": " : "");
    print_message(out, message, indent);
    print_trace(out, exception->trace, indent);
    if (depth >= MAX_DEPTH) return;
    for (uint32_t i = 0; members && i < members->count; i++) {
        if (!tg_is_exception(members->items[i])) continue;
        fprintf(out, "%*s  %u. ", indent, "", i + 1);
        print_exception(vm, members->items[i], out, indent + 4, depth + 1);
    }
    TgValue cause = tg_instance_get(vm, &exception->instance, vm->name_cause);
    if (tg_is_exception(cause)) {
        fprintf(out, "%*s  caused by ", indent, "");
        print_exception(vm, cause, out, indent + 4, depth + 1);
    }
}

static bool is_interrupt(TgVM *vm, TgValue error) {
    return tg_class_is(tg_class_of(vm, error), vm->errors[TG_ERR_Interrupt]);
}

// Ctrl-C is no error of the program's: one line says where it struck.
static void print_interrupt(TgVM *vm, TgValue error, FILE *out) {
    TgException *exception = (TgException *)tg_as_obj(error);
    (void)vm;
    fputs("Interrupted", out);
    for (uint32_t i = 0; exception->trace && i < exception->trace->count; i++) {
        const TgTraceFrame *frame = &exception->trace->frames[i];
        if (frame->code->is_hidden) continue;
        fprintf(out, " at %s:%u", frame->code->file->data, tg_code_place(frame->code, frame->at).line);
        break;
    }
    if (exception->struck_count > 1) fprintf(out, " (%u tasks)", exception->struck_count);
    fputc('\n', out);
}

void tg_report(TgVM *vm, TgValue error, FILE *out) {
    if (!tg_is_exception(error)) return;
    if (is_interrupt(vm, error)) {
        print_interrupt(vm, error, out);
        return;
    }
    TgList *members = tg_error_members(vm, (TgException *)tg_as_obj(error));
    if (members && members->count > 0 && tg_is_exception(members->items[0]) && is_interrupt(vm, members->items[0])) {
        for (uint32_t i = 1; i < members->count; i++) print_exception(vm, members->items[i], out, 0, 0);
        print_interrupt(vm, members->items[0], out);
        return;
    }
    print_exception(vm, error, out, 0, 0);
}
