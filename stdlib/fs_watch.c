// stdlib/fs_watch.c
// fs.watch: changes in folders and files, by inotify, whose descriptor is waited for as any other.
// Layer: library.
#include <errno.h>
#include <limits.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "stdlib/ioerror.h"
#include "stdlib/lib.h"

typedef struct {
    TgResource head;
    int fd;           // -1: closed
    bool is_deep;     // folders that come are watched as well
    TgMap *paths;     // of what is watched, by inotify's number of it
    TgList *changes;  // not yet taken, and from which on
    uint32_t taken;
    TgWaitQueue waiting;
} Watch;

static void watch_mark(TgVM *vm, TgResource *resource) {
    tg_gc_mark_obj(vm, ((Watch *)resource)->paths);
    tg_gc_mark_obj(vm, ((Watch *)resource)->changes);
}

static void watch_release(TgVM *vm, TgResource *resource) {
    if (((Watch *)resource)->fd >= 0) tg_world_close(vm, ((Watch *)resource)->fd);
}

static const TgResourceType watch_type = {.size = sizeof(Watch), .release = watch_release, .mark = watch_mark};

enum { EVENTS = IN_CREATE | IN_DELETE | IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF };

static bool add_path(TgVM *vm, Watch *watch, const char *path) {
    int number = (int)TG_ASK(vm, CHANGES, inotify_add_watch(watch->fd, path, EVENTS));
    if (number < 0) return false;
    tg_map_set(vm, watch->paths, tg_int(number), tg_obj(tg_string_c(vm, path)));
    return true;
}

static TgResult cannot_watch(TgCall *call, TgString *path) {
    const char *hint = errno == ENOSPC ? " (fs.inotify.max_user_watches says how many)" : "";
    return tg_io_raise(call, errno, path->data, "cannot watch %s%s", tg_lib_show(call->vm, tg_obj(path)), hint);
}

static bool self_of(TgCall *call, Watch **out) {
    *out = (Watch *)tg_resource_of(call->args[0], &watch_type);
    if (*out) return true;
    tg_error_raise(call->vm, TG_ERR_TypeError, "a Watch is asked for, not %s", TG_SHOW(call->vm, call->args[0]));
    return false;
}

static TgResult watch_add(TgCall *call) {
    TgString *path;
    Watch *watch;
    if (!self_of(call, &watch) || !tg_arg_path(call, 1, &path)) return TG_RAISED;
    if (watch->fd < 0) return tg_raise(call, TG_ERR_Closed, "the watch is closed");
    return add_path(call->vm, watch, path->data) ? tg_return(call, TG_NIL) : cannot_watch(call, path);
}

// ---- Changes

static const char *kind_of(uint32_t mask) {
    if (mask & (IN_CREATE | IN_MOVED_TO)) return "created";
    if (mask & (IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF)) return "removed";
    return "changed";
}

static void push_change(TgVM *vm, Watch *watch, const char *kind, const char *path) {
    TgMap *change = tg_map(vm);
    tg_map_set(vm, change, tg_obj(tg_string_c(vm, "kind")), tg_obj(tg_string_c(vm, kind)));
    tg_map_set(vm, change, tg_obj(tg_string_c(vm, "path")), tg_obj(tg_string_c(vm, path)));
    tg_list_push(vm, watch->changes, tg_obj(change));
}

static void note(TgVM *vm, Watch *watch, const struct inotify_event *event) {
    char path[PATH_MAX + NAME_MAX + 2];
    if (event->mask & IN_Q_OVERFLOW) push_change(vm, watch, "overflow", ""); // too many came at once: some are lost
    TgValue known = tg_map_get(watch->paths, tg_int(event->wd));
    if (tg_is_undef(known) || (event->mask & IN_IGNORED)) return;
    const char *base = ((TgString *)tg_as_obj(known))->data;
    snprintf(path, sizeof path, "%s%s%s", base, event->len ? "/" : "", event->len ? event->name : "");
    if (!tg_utf8_valid(path, strlen(path))) return; // nobody could name it
    push_change(vm, watch, kind_of(event->mask), path);
    if (watch->is_deep && (event->mask & IN_ISDIR) && (event->mask & (IN_CREATE | IN_MOVED_TO))) add_path(vm, watch, path);
}

// Takes what there is; false: nothing is.
static bool take_events(TgVM *vm, Watch *watch) {
    char room[8192] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t got = TG_ASK_BYTES(vm, CHANGES, read(watch->fd, room, sizeof room), room, sizeof room);
    for (ssize_t at = 0; at < got;) {
        const struct inotify_event *event = (const struct inotify_event *)(const void *)(room + at);
        note(vm, watch, event);
        at += (ssize_t)(sizeof *event + event->len);
    }
    return got > 0;
}

static TgResult watch_next(TgCall *call) {
    Watch *watch;
    if (!self_of(call, &watch)) return TG_RAISED;
    if (watch->fd < 0) return tg_raise(call, TG_ERR_Closed, "the watch is closed");
    while (watch->taken == watch->changes->count) {
        tg_list_clear(call->vm, watch->changes);
        watch->taken = 0;
        if (take_events(call->vm, watch)) continue;
        TgWaitFor what = {"waiting for changes of files in", watch, &watch->waiting};
        return tg_park_on_fd(call, &what, watch->fd, false, 1);
    }
    return tg_return(call, watch->changes->items[watch->taken++]);
}

static TgResult watch_close(TgCall *call) {
    Watch *watch;
    if (!self_of(call, &watch)) return TG_RAISED;
    if (watch->fd < 0) return tg_return(call, TG_NIL);
    TgString *message = tg_string_c(call->vm, "the watch was closed meanwhile");
    tg_wake_all_raise(call->vm, &watch->waiting, tg_obj(tg_error_new(call->vm, call->vm->errors[TG_ERR_Closed], message)));
    tg_world_close(call->vm, watch->fd);
    watch->fd = -1;
    return tg_return(call, TG_NIL);
}

static TgResult watch_iter(TgCall *call) {
    Watch *watch;
    if (!self_of(call, &watch)) return TG_RAISED;
    TgValue method = tg_class_find_method(tg_class_of(call->vm, call->args[0]), tg_string_c(call->vm, "next"));
    return tg_return(call, tg_obj(tg_bound_new(call->vm, call->args[0], method)));
}

const TgNativeDef tg_lib_watch[] = {
    {"next()", watch_next, "Waits for the next change: a Map with `kind` (\"created\", \"changed\", \"removed\") and `path`."},
    {"add(path)", watch_add, "Watches this file or folder too."},
    {"iter()", watch_iter, "What `for` goes over: one change after the other, until the watch is closed."},
    {"close()", watch_close, "Ends it; tasks that wait for a change raise Closed."},
    {"exit()", watch_close, "The end of a `with`: closes."},
    {0},
};

// The class and the native `_watch(path, deep)` of fs.tg.
static TgClass *watch_class(TgVM *vm) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "Watch", NULL, &is_new);
    if (is_new) tg_register_methods(vm, class_, tg_lib_watch);
    if (is_new) tg_class_finish(vm, class_);
    return class_;
}

static TgResult fs_watch(TgCall *call) {
    TgVM *vm = call->vm;
    TgString *path;
    if (!tg_arg_path(call, 0, &path)) return TG_RAISED;
    Watch *watch = (Watch *)tg_resource_new(vm, &watch_type, watch_class(vm));
    watch->paths = tg_map(vm);
    watch->changes = tg_list(vm, 0);
    watch->is_deep = tg_truthy(call->args[1]);
    watch->fd = (int)TG_ASK(vm, CHANGES, inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    bool good = watch->fd >= 0 && add_path(vm, watch, path->data);
    return good ? tg_return(call, tg_obj(watch)) : cannot_watch(call, path);
}

static const TgNativeDef hidden[] = {{"_watch(path, deep)", fs_watch, "A Watch."}, {0}};

void tg_lib_fs_watch(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, hidden);
    tg_module_set(vm, module, "Watch", tg_obj(watch_class(vm)));
}
