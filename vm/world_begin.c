// vm/world_begin.c
// Birth and end of a world: how the run was begun stands in the first entry of a recording, how it ended in the last.
// Layer: runtime.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vm/world_impl.h"

uint64_t tg_world_hash(const char *text, size_t length) {
    uint64_t hash = 0xCBF29CE484222325u; // FNV-1a
    for (size_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)text[i]) * 0x100000001B3u;
    return hash;
}

// ---- The first entry

// Texts that are read live as long as the recording's map: a NUL stands behind each.
static void tape_text(TgTape *tape, const char **text, size_t *length) {
    int64_t size = *text ? (int64_t)*length : -1;
    tg_tape_int(tape, &size);
    if (tape->writes) {
        if (*text) tg_buffer_add(&tape->out, *text, *length), tg_buffer_add(&tape->out, "", 1);
        return;
    }
    *text = NULL;
    *length = 0;
    if (size < 0) return;
    if (size >= tape->end - tape->at || tape->at[size]) tg_world_astray(tape->world, "something of another size");
    *text = (const char *)tape->at;
    *length = (size_t)size;
    tape->at += size + 1;
}

static void tape_c_text(TgTape *tape, const char **text) {
    size_t length = *text ? strlen(*text) : 0;
    tape_text(tape, text, &length);
}

static void tape_word(TgTape *tape, uint64_t *number) { tg_tape_bytes(tape, number, sizeof *number); }

static void tape_options(TgTape *tape, TgOptions *options) {
    uint64_t memory = options->max_memory, stack = options->max_stack, stress = options->gc_stress;
    tape_word(tape, &options->slice);
    tape_word(tape, &memory);
    tape_word(tape, &stack);
    tape_word(tape, &stress);
    tape_word(tape, &options->press[0]);
    tape_word(tape, &options->press[1]);
    tape_word(tape, &options->cancel_at);
    tape_word(tape, &options->seed);
    tape_word(tape, &options->shuffle);
    tape_word(tape, &options->max_steps);
    tape_word(tape, &options->max_tasks);
    tape_word(tape, &options->max_output);
    tg_tape_bytes(tape, &options->max_time, sizeof options->max_time);
    options->max_memory = (size_t)memory;
    options->max_stack = (uint32_t)stack;
    options->gc_stress = (uint8_t)stress;
    bool *const flags[] = {&options->virtual_time, &options->gc_stats, &options->stepping, &options->late_boundary,
                           &options->is_terminal,  &options->color,    &options->utf8,     &options->full_trace,
                           &options->observed};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) tg_tape_flag(tape, flags[i]);
}

static void tape_script(TgTape *tape, TgWorldScript *script) {
    tape_c_text(tape, &script->version);
    tape_c_text(tape, &script->path);
    tape_c_text(tape, &script->name);
    tape_c_text(tape, &script->folder);
    if (!script->path) tape_text(tape, &script->text, &script->length); // else the file holds it
    tape_word(tape, &script->hash);
    tg_tape_small(tape, &script->arg_count);
    tg_tape_flag(tape, &script->doctor);
}

void tg_world_begin(TgWorld *world, const TgWorldScript *given, const TgOptions *given_options) {
    TgWorldScript script = *given;
    TgOptions options = *given_options;
    TgTape tape = {.world = world, .what = WORLD_BEGIN, .writes = true};
    script.hash = tg_world_hash(script.text, script.length);
    tape_script(&tape, &script);
    for (int i = 0; i < script.arg_count; i++) tape_c_text(&tape, (const char **)&script.args[i]);
    tape_options(&tape, &options);
    tg_world_ends(&tape);
}

static const char *read_begin(TgWorld *world, TgWorldScript *script, TgOptions *options) {
    static const char empty[] = "it is empty: the run broke off before it began";
    *script = (TgWorldScript){0};
    if (!tg_world_is_next(world, WORLD_BEGIN)) return empty;
    TgLogEntry entry = tg_world_take(world, WORLD_BEGIN);
    TgTape tape = {.world = world, .what = WORLD_BEGIN, .at = entry.data, .end = entry.data + entry.length};
    tape_script(&tape, script);
    if (script->arg_count < 0 || script->arg_count > 1000000) return "it is damaged: it names no arguments";
    script->args = world->args = calloc((size_t)script->arg_count + 1, sizeof *world->args);
    if (!world->args) return "there is no memory";
    for (int i = 0; i < script->arg_count; i++) {
        const char *text = NULL;
        tape_c_text(&tape, &text);
        script->args[i] = (char *)(uintptr_t)(text ? text : "");
    }
    tape_options(&tape, options);
    return NULL;
}

// ---- Birth

TgWorld *tg_world_record(const char *path) {
    TgWorld *world = tg_world_plain();
    if (!world) return NULL;
    world->records = true;
    world->log = tg_log_create(path);
    if (world->log) return world;
    int error = errno;
    free(world);
    return errno = error, NULL;
}

// Where something came by itself, in order.
static bool find_strikes(TgWorld *world) {
    size_t offset = 0, before = 0, room = 0;
    TgLogEntry entry;
    while (tg_log_next(world->log, &offset, &entry)) {
        size_t at = before;
        uint64_t place;
        before = offset;
        if ((entry.kind != WORLD_STRIKE && entry.kind != WORLD_TICK) || !tg_entry_number(&entry, &place)) continue;
        if (world->strike_count == room) {
            room = room ? room * 2 : 64;
            TgStrike *strikes = realloc(world->all_strikes, room * sizeof *strikes);
            if (!strikes) return false;
            world->all_strikes = strikes;
        }
        world->all_strikes[world->strike_count++] = (TgStrike){place, at};
    }
    world->strikes = world->all_strikes;
    return true;
}

TgWorld *tg_world_replay(const char *path, TgWorldScript *script, TgOptions *options, const char **problem) {
    TgWorld *world = tg_world_plain();
    *problem = "there is no memory";
    if (!world) return NULL;
    world->replays = true;
    world->log = tg_log_open(path, problem);
    if (world->log) {
        tg_world_step(world);
        *problem = find_strikes(world) ? read_begin(world, script, options) : "there is no memory";
    }
    if (!*problem) return world;
    tg_world_free(world);
    return NULL;
}

bool tg_world_each_source(TgWorld *world, bool (*is_same)(const char *path, uint64_t hash)) {
    size_t offset = 0;
    TgLogEntry entry;
    bool all = true;
    while (tg_log_next(world->log, &offset, &entry)) {
        uint64_t hash;
        if (entry.kind != WORLD_SOURCE || !tg_entry_bytes(&entry, &hash, sizeof hash)) continue;
        char *path = strndup((const char *)entry.data, entry.length);
        if (path && !is_same(path, hash)) all = false;
        free(path);
    }
    return all;
}

void tg_world_join(TgWorld *world, TgVM *vm) { world->vm = vm; }

void tg_world_stop_at(TgWorld *world, uint64_t place) { world->stop_at = place; }

// ---- The end

int tg_world_end(TgWorld *world, int status) {
    if (!world || world->is_over) return status;
    if (world->replays) {
        TgLogEntry entry;
        int recorded = status;
        bool is_there = tg_world_take_if(world, WORLD_END, &entry) && tg_entry_bytes(&entry, &recorded, sizeof recorded);
        if (!is_there) tg_world_astray(world, tg_world_text(WORLD_END));
        if (recorded != status && recorded >= 0) tg_world_astray(world, "another exit status");
        world->is_over = true;
        return recorded;
    }
    tg_world_put(world, WORLD_END, &status, sizeof status);
    if (world->log) tg_log_finish(world->log);
    world->is_over = true;
    return status;
}

void tg_world_free(TgWorld *world) {
    if (!world) return;
    tg_log_close(world->log);
    free(world->all_strikes);
    free(world->args);
    free(world);
}
