// stdlib/child.c
// Beginning a child process: what it gets as its standard streams, its arguments and environment.
//
// All that is opened here closes itself in whatever program is begun. A pipe's end that stays with us does not block, the one that
// goes does. Until the program has begun everything can be taken back; then the Child has our ends and the others are closed.
//
// Layer: library.
#include "stdlib/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "stdlib/file.h"
#include "stdlib/ioerror.h"
#include "stdlib/lib.h"
#include "stdlib/spawn.h"

// ---- Our ends of pipes

static TgStreamEnd pipe_read(TgVM *vm, TgStream *stream, char *into, size_t room, size_t *moved) {
    return tg_stream_fd.read(vm, stream, into, room, moved);
}

static TgStreamEnd pipe_write(TgVM *vm, TgStream *stream, const char *from, size_t length, size_t *moved) {
    return tg_stream_fd.write(vm, stream, from, length, moved);
}

static const TgStreamKind to_child = {.reading = "", .writing = "writing to", .write = pipe_write};
static const TgStreamKind from_child = {.reading = "reading from", .writing = "", .read = pipe_read};

static const char *const end_names[] = {"stdin", "stdout", "stderr"};

// ---- What becomes of each of the three

typedef struct {
    int fd;          // the child's, above 2; -1: it has ours
    int own;         // our end of a pipe, or -1
    TgStream *given; // a stream that is the child's alone from now on
    bool joins;      // 2 is what 1 is
} End;

// Whoever is begun gets it as 0, 1 or 2: it must not stand in the way of the others.
static int above_two(TgVM *vm, int fd) {
    if (fd < 0 || fd > 2) return fd;
    int moved = (int)TG_ASK(vm, SPAWN, fcntl(fd, F_DUPFD_CLOEXEC, 3)), error = errno;
    tg_world_close(vm, fd);
    errno = error;
    return moved;
}

static bool open_pipe(TgVM *vm, End *end, int which) {
    int ends[2];
    if (TG_ASK_DATA(vm, SPAWN, pipe2(ends, O_CLOEXEC), ends, sizeof ends) != 0) return false;
    end->fd = above_two(vm, ends[which != 0]);
    end->own = above_two(vm, ends[which == 0]);
    if (end->own >= 0 && !tg_world_replays(vm)) fcntl(end->own, F_SETFL, fcntl(end->own, F_GETFL) | O_NONBLOCK);
    return end->fd >= 0 && end->own >= 0;
}

static bool refuse(TgVM *vm, TgStream *stream, const char *why) {
    tg_error_raise(vm, TG_ERR_ValueError, "%s cannot be handed to a program: %s", tg_stream_label(vm, stream), why);
    return false;
}

// A file and the standard streams are shared with the child, any other stream goes to it.
static bool open_stream(TgVM *vm, End *end, int which, TgStream *stream) {
    if (stream->is_closed) return refuse(vm, stream, "it is closed");
    if (which == 0 ? !stream->kind->read : !stream->kind->write)
        return refuse(vm, stream, which == 0 ? "it can only be written to" : "it can only be read");
    if (!stream->file && (stream->fd < 0 || (stream->own && !stream->path)))
        return refuse(vm, stream, "it has no descriptor of its own; io.copy() in a task passes on what it holds");
    bool is_shared = stream->file || stream->fd <= 2;
    if (!stream->file && tg_stream_buffered(stream)) return refuse(vm, stream, "some of it has been read ahead here");
    int fd = stream->file ? tg_file_descriptor(vm, stream) : stream->fd;
    end->fd = (int)TG_ASK(vm, SPAWN, fcntl(fd, F_DUPFD_CLOEXEC, 3));
    if (end->fd >= 0 && !is_shared) end->given = stream;
    return end->fd >= 0;
}

// False: errno is set, or vm->raised.
static bool open_end(TgVM *vm, End *end, int which, TgValue wanted) {
    *end = (End){.fd = -1, .own = -1};
    TgStream *stream = tg_stream_of(wanted);
    if (stream) return open_stream(vm, end, which, stream);
    const char *word = ((TgString *)tg_as_obj(wanted))->data;
    if (!strcmp(word, "pipe")) return open_pipe(vm, end, which);
    if (!strcmp(word, "null")) end->fd = above_two(vm, (int)TG_ASK(vm, SPAWN, open("/dev/null", O_RDWR | O_CLOEXEC)));
    if (!strcmp(word, "null")) return end->fd >= 0;
    end->joins = !strcmp(word, "stdout");
    return true; // "inherit"
}

static void close_ends(const TgVM *vm, const End ends[3], bool own) {
    for (int i = 0; i < 3; i++) {
        if (ends[i].fd >= 0) tg_world_close(vm, ends[i].fd);
        if (own && ends[i].own >= 0) tg_world_close(vm, ends[i].own);
    }
}

// ---- Arguments and environment

// Lists of C strings end with NULL; the strings of `borrowed` belong to others.
typedef struct {
    char **items;
    size_t count, capacity, borrowed;
} Texts;

static bool add_text(Texts *texts, char *text) {
    if (texts->count + 2 > texts->capacity) {
        size_t capacity = texts->capacity ? texts->capacity * 2 : 32;
        char **items = realloc(texts->items, capacity * sizeof *items);
        if (!items) return false;
        texts->items = items;
        texts->capacity = capacity;
    }
    texts->items[texts->count++] = text;
    texts->items[texts->count] = NULL;
    return text != NULL;
}

static void free_texts(Texts *texts) {
    for (size_t i = texts->borrowed; i < texts->count; i++) free(texts->items[i]);
    free(texts->items);
}

static bool is_c_string(TgVM *vm, const TgString *text) {
    if (strlen(text->data) == text->length) return true;
    tg_error_raise(vm, TG_ERR_ValueError, "what a program is given holds no \\0: %s", tg_lib_show(vm, tg_obj((TgString *)(uintptr_t)text)));
    return false;
}

static bool fill_arguments(TgVM *vm, Texts *texts, TgString *program, const TgList *args) {
    bool good = is_c_string(vm, program) && add_text(texts, program->data);
    for (uint32_t i = 0; good && i < args->count; i++) {
        TgString *text = (TgString *)tg_as_obj(args->items[i]);
        good = is_c_string(vm, text) && add_text(texts, text->data);
    }
    texts->borrowed = texts->count;
    return good;
}

// "NAME=value" stands in `changes` under another value, or nil.
static bool is_changed(TgVM *vm, const TgMap *changes, const char *entry) {
    const char *equals = strchr(entry, '=');
    if (!equals || !tg_utf8_valid(entry, (size_t)(equals - entry))) return false;
    return !tg_is_undef(tg_map_get_string(changes, tg_string(vm, entry, (size_t)(equals - entry))));
}

static bool add_change(TgVM *vm, Texts *texts, const TgMapEntry *change) {
    TgString *name = (TgString *)tg_as_obj(change->key);
    if (tg_is_nil(change->value)) return true;
    TgString *value = (TgString *)tg_as_obj(change->value);
    if (!is_c_string(vm, name) || !is_c_string(vm, value)) return false;
    if (!name->length || strchr(name->data, '=')) {
        tg_error_raise(vm, TG_ERR_ValueError, "env: %s is no name of a variable", tg_lib_show(vm, change->key));
        return false;
    }
    char *entry = malloc(name->length + value->length + 2);
    if (entry) sprintf(entry, "%s=%s", name->data, value->data);
    return add_text(texts, entry);
}

static bool fill_environment(TgVM *vm, Texts *texts, const TgMap *changes) {
    bool good = true;
    for (char **at = environ; good && at && *at && !tg_world_replays(vm); at++)
        if (!is_changed(vm, changes, *at)) good = add_text(texts, *at);
    texts->borrowed = texts->count;
    uint32_t position = 0;
    for (TgMapEntry *at; good && (at = tg_map_next(changes, &position));) good = add_change(vm, texts, at);
    return good && (texts->items || add_text(texts, strdup("_=")));
}

// ---- Begin

// In process.tg's order.
enum { CMD, ARGS, STDIN, SECONDS = STDIN + 3, ENV, CWD, CHECK, BINARY, GROUP, GRACE };

static TgResult cannot_run(TgCall *call, int error, const char *program, const char *folder) {
    TgVM *vm = call->vm;
    const char *shown = tg_lib_show(vm, tg_obj(tg_string_c(vm, program)));
    if (folder) return tg_io_raise(call, error, folder, "cannot run %s in %s", shown, tg_lib_show(vm, tg_obj(tg_string_c(vm, folder))));
    const char *why = NULL;
    bool is_path = strchr(program, '/') && TG_ASK(vm, STAT, access(program, F_OK)) == 0;
    if (error == ENOENT && is_path) why = "what its first line says shall run it is not there";
    else if (error == ENOENT && strchr(program, ' ')) why = "there is no such program; arguments go into a List of their own";
    else if (error == ENOENT && !strchr(program, '/')) why = "no such program in PATH";
    else if (error == ENOEXEC) why = "it is no program, nor a script whose first line says what runs it";
    else if (error == EACCES) why = "it may not be run";
    if (!why) return tg_io_raise(call, error, program, "cannot run %s", shown);
    tg_io_error_own(vm, strerrorname_np(error), program, "cannot run %s: %s (%s)", shown, why, strerrorname_np(error));
    return TG_RAISED;
}

static void set_blocking(const End ends[3], bool blocks) {
    for (int i = 0; i < 3; i++) {
        if (!ends[i].given) continue;
        int flags = fcntl(ends[i].fd, F_GETFL);
        fcntl(ends[i].fd, F_SETFL, blocks ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
    }
}

static TgChild *new_child(TgVM *vm, int pid, TgString *program, const TgValue *options, const End ends[3]) {
    TgChild *child = (TgChild *)tg_resource_new(vm, &tg_child_type, tg_child_class(vm));
    child->pid = pid;
    child->pidfd = (int)TG_ASK(vm, SPAWN, tg_spawn_watch(pid));
    child->program = program;
    child->has_group = options[GROUP] == TG_TRUE;
    child->grace = tg_is_float(options[GRACE]) ? tg_as_float(options[GRACE]) : (double)tg_as_int(options[GRACE]);
    child->is_counted = true; // by begin()
    for (int i = 0; i < 3; i++) {
        if (ends[i].own < 0) continue;
        TgString *name = tg_string_format(vm, "%s of %s", end_names[i], program->data);
        child->streams[i] = tg_stream_new(vm, tg_stream_class(vm), i ? &from_child : &to_child, ends[i].own, name);
        child->streams[i]->is_text = child->streams[i]->has_lines = options[BINARY] != TG_TRUE;
    }
    return child;
}

// Begins it, all being opened: 0, or errno.
static int begin(TgVM *vm, TgSpawn *spawn, End ends[3], int *pid, bool *in_folder) {
    for (int i = 0; i < 3; i++) spawn->fds[i] = ends[i].fd;
    spawn->joins_err = ends[2].joins;
    int error = 0;
    TgTape tape;
    if (tg_world_begins(vm, WORLD_SPAWN, &tape)) {
        set_blocking(ends, true);
        tg_outside_lives(vm, 1);
        error = tg_spawn(spawn, pid, in_folder);
        if (error) tg_outside_lives(vm, -1);
        if (error) set_blocking(ends, false);
    }
    tg_tape_small(&tape, &error);
    tg_tape_small(&tape, pid);
    tg_tape_flag(&tape, in_folder);
    tg_world_ends(&tape);
    for (int i = 0; i < 3 && !error; i++)
        if (ends[i].given) tg_stream_drop(vm, ends[i].given);
    return error;
}

TgResult tg_child_start(TgCall *call) {
    TgVM *vm = call->vm;
    const TgValue *options = ((TgList *)tg_as_obj(call->args[0]))->items;
    TgString *program = (TgString *)tg_as_obj(options[CMD]);
    TgString *folder = tg_is_nil(options[CWD]) ? NULL : (TgString *)tg_as_obj(options[CWD]);
    End ends[3] = {{.fd = -1, .own = -1}, {.fd = -1, .own = -1}, {.fd = -1, .own = -1}};
    Texts arguments = {0}, environment = {0};
    bool in_folder = false;
    int pid = 0, error = 0;
    errno = 0;
    bool good = fill_arguments(vm, &arguments, program, (TgList *)tg_as_obj(options[ARGS])) && (!folder || is_c_string(vm, folder));
    if (good && !tg_is_nil(options[ENV])) good = fill_environment(vm, &environment, (TgMap *)tg_as_obj(options[ENV]));
    for (int i = 0; good && i < 3; i++) good = open_end(vm, &ends[i], i, options[STDIN + i]);
    if (good) {
        TgSpawn spawn = {.program = program->data, .arguments = arguments.items, .folder = folder ? folder->data : NULL};
        spawn.environment = environment.items ? environment.items : environ;
        spawn.has_group = options[GROUP] == TG_TRUE;
        error = begin(vm, &spawn, ends, &pid, &in_folder);
    } else if (tg_is_undef(vm->raised)) {
        error = errno ? errno : ENOMEM;
    }
    free_texts(&arguments);
    free_texts(&environment);
    close_ends(vm, ends, error || !good);
    if (error) return cannot_run(call, error, program->data, in_folder ? folder->data : NULL);
    if (!good) return TG_RAISED;
    return tg_return(call, tg_obj(new_child(vm, pid, program, options, ends)));
}
