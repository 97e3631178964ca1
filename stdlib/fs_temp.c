// stdlib/fs_temp.c
// Who answers for a temporary file or folder: a Draft. Where its `with` could not remove it (a second Ctrl-C breaks through cleanup),
// the end of the program does. Those that nobody has settled are kept by the VM, by their paths.
// Layer: library.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stdlib/fs_tree.h"
#include "stdlib/lib.h"

enum { MOST_TURNS = 1000 }; // of removing, at the end

typedef struct {
    TgResource head;
    char *path;     // NULL: it is gone, or somebody else's
    TgString *text; // the same
} Draft;

static void draft_release(TgVM *vm, TgResource *resource) {
    Draft *draft = (Draft *)resource;
    TgBuffer where = {0};
    if (!draft->path) return;
    for (int turn = 0; !tg_world_replays(vm) && turn < MOST_TURNS && tg_fs_remove_some(draft->path, &where) == EAGAIN;) turn++;
    tg_buffer_free(&where);
    free(draft->path);
    draft->path = NULL;
}

static void draft_mark(TgVM *vm, TgResource *resource) { tg_gc_mark_obj(vm, ((Draft *)resource)->text); }

static bool draft_property(TgVM *vm, TgResource *resource, const TgString *name, TgValue *out) {
    (void)vm;
    if (strcmp(name->data, "path") != 0) return false;
    return *out = tg_obj(((Draft *)resource)->text), true;
}

static const TgResourceType draft_type = {
    .size = sizeof(Draft), .release = draft_release, .mark = draft_mark, .property = draft_property};

static const char kept_name[] = "fs.drafts";

static TgMap *drafts_of(TgVM *vm) {
    TgValue kept = tg_library_kept(vm, kept_name);
    if (!tg_is_undef(kept)) return (TgMap *)tg_as_obj(kept);
    TgMap *drafts = tg_map(vm);
    tg_library_keep(vm, kept_name, tg_obj(drafts));
    return drafts;
}

TgValue tg_fs_draft(TgVM *vm, const char *path, TgString *text) {
    bool is_new;
    TgClass *class_ = tg_library_class(vm, "Draft", NULL, &is_new);
    if (is_new) tg_class_finish(vm, class_);
    Draft *draft = (Draft *)tg_resource_new(vm, &draft_type, class_);
    draft->path = strdup(path);
    draft->text = text;
    tg_map_set(vm, drafts_of(vm), tg_obj(text), tg_obj(draft));
    return tg_obj(draft);
}

void tg_fs_end_drafts(TgVM *vm, void (*say)(void *data, const char *path), void *data) {
    TgMap *drafts = drafts_of(vm);
    uint32_t position = 0;
    for (TgMapEntry *entry; (entry = tg_map_next(drafts, &position));) {
        Draft *draft = (Draft *)tg_as_obj(entry->value);
        if (draft->path) say(data, draft->path);
        draft_release(vm, &draft->head);
    }
    tg_map_clear(vm, drafts);
}

// _settled(draft)
static TgResult fs_settled(TgCall *call) {
    Draft *draft = (Draft *)tg_resource_of(call->args[0], &draft_type);
    if (!draft) return tg_return(call, TG_NIL);
    free(draft->path);
    draft->path = NULL;
    tg_map_remove(call->vm, drafts_of(call->vm), tg_obj(draft->text));
    return tg_return(call, TG_NIL);
}

const TgNativeDef tg_lib_fs_temp[] = {
    {"_settled(draft)", fs_settled, "It is gone, or got another name: nobody answers for it any more."},
    {0},
};
