// vm/picture.c
// The tree of all live tasks as a picture: equal tasks folded, what is too broad, deep or long counted.
// Layer: runtime.
#include <math.h>
#include <string.h>

#include "vm/api.h"
#include "vm/excerpt.h"
#include "vm/outline.h"
#include "vm/sched.h"
#include "vm/trace.h"
#include "vm/tree_impl.h"
#include "vm/why.h"

enum {
    KINDS_SHOWN = 20, // different lines of one nursery
    MOST_DEEP = 12,   // nurseries in each other; also what the C stack is used for
    MOST_LINES = 300,
};

typedef struct {
    TgVM *vm;
    TgOutline outline;
    uint32_t lines;  // so far
    uint32_t hidden; // tasks for which there was no line
} Picture;

// Equal tasks of a nursery, with equal ones inside.
typedef struct {
    const TgTask *first, *last;
    uint32_t count;
    double least, most; // seconds
    bool is_left;
} Kind;

static void count_one(TgVM *vm, TgTask *task, void *data) {
    (void)vm;
    (void)task;
    ++*(uint32_t *)data;
}

// A task and all that runs in it.
static uint32_t count_all(TgVM *vm, const TgTask *task) {
    uint32_t count = 1;
    for (TgScope *scope = task->scope; scope; scope = scope->outer) tg_scope_each(vm, scope, count_one, &count);
    return count;
}

// ---- Folding

enum { LOOK_DEEP = 6, LOOK_FAR = 200 }; // what is compared of two tasks' insides before they count as different

static bool same_task(const TgTask *a, const TgTask *b, int depth, int *left);

static bool same_children(const TgScope *a, const TgScope *b, int depth, int *left) {
    if (a->child_count != b->child_count) return false;
    if (a->child_count > 0 && depth == LOOK_DEEP) return false;
    const TgTask *x = a->children, *y = b->children;
    for (; x && y; x = x->sibling_next, y = y->sibling_next)
        if (--*left < 0 || !same_task(x, y, depth + 1, left)) return false;
    return true;
}

static bool same_scopes(const TgTask *a, const TgTask *b, int depth, int *left) {
    const TgScope *x = a->scope, *y = b->scope;
    for (; x && y; x = x->outer, y = y->outer) {
        if (x->kind != y->kind || x->pc != y->pc || x->seconds != y->seconds || x->cause != y->cause) return false;
        if (!same_children(x, y, depth, left)) return false;
    }
    return !x && !y;
}

static bool same_wait(const TgTask *a, const TgTask *b) {
    if (a->state != b->state || a->began != b->began) return false;
    if (a->state != TASK_BLOCKED) return true;
    if (a->wait_kind != b->wait_kind || !a->timer.at != !b->timer.at) return false;
    bool names_object = a->wait_kind == WAIT_LOCK || a->wait_kind == WAIT_TASK || a->wait_kind == WAIT_START;
    return !names_object || a->wait_object == b->wait_object;
}

static bool is_struck(const TgTask *task) { return task->interrupt || task->struck; }

static bool same_task(const TgTask *a, const TgTask *b, int depth, int *left) {
    TgCode *code, *other_code;
    uint32_t at = 0, other_at = 0;
    tg_task_spot(a, &code, &at);
    tg_task_spot(b, &other_code, &other_at);
    return code == other_code && at == other_at && same_wait(a, b) && a->cancelled == b->cancelled &&
           is_struck(a) == is_struck(b) && tg_string_equal(a->name, b->name) && same_scopes(a, b, depth, left);
}

static bool is_of_kind(const Kind *kind, const TgTask *task) {
    int left = LOOK_FAR;
    return same_task(kind->first, task, 0, &left);
}

static void fold(TgVM *vm, Kind *kind, const TgTask *task) {
    double seconds;
    tg_tree_time(vm, task, &seconds);
    if (seconds < kind->least) kind->least = seconds;
    if (seconds > kind->most) kind->most = seconds;
    kind->last = task;
    kind->count++;
}

// The kinds of a nursery's children. `*left_out`: tasks of kinds beyond KINDS_SHOWN, with all that runs in them.
static uint32_t find_kinds(TgVM *vm, const TgScope *scope, Kind *kinds, uint32_t *left_out) {
    uint32_t count = 0;
    *left_out = 0;
    for (const TgTask *task = scope->children; task; task = task->sibling_next) {
        uint32_t i = 0;
        while (i < count && !is_of_kind(&kinds[i], task)) i++;
        if (i < count) {
            fold(vm, &kinds[i], task);
        } else if (count == KINDS_SHOWN) {
            *left_out += count_all(vm, task);
        } else {
            Kind *kind = &kinds[count++];
            *kind = (Kind){.first = task, .last = task, .count = 1};
            kind->is_left = tg_tree_time(vm, task, &kind->least);
            kind->most = kind->least;
        }
    }
    return count;
}

// ---- Drawing

static void say_number(uint32_t number, TgBuffer *out) {
    if (number >= 1000000) tg_buffer_format(out, "%u,", number / 1000000);
    if (number >= 1000) tg_buffer_format(out, number >= 1000000 ? "%03u," : "%u,", number / 1000 % 1000);
    tg_buffer_format(out, number >= 1000 ? "%03u" : "%u", number % 1000);
}

static bool holds_tasks(const TgTask *task) {
    for (const TgScope *scope = task->scope; scope; scope = scope->outer)
        if (scope->child_count > 0) return true;
    return false;
}

static void say_kind(Picture *picture, const Kind *kind) {
    TgBuffer *out = picture->outline.out;
    if (kind->count == 1) {
        tg_tree_describe(picture->vm, kind->first, out);
    } else {
        say_number(kind->count, out);
        tg_buffer_format(out, " %s ", tg_outline_times(&picture->outline));
        tg_say_name(out, kind->first->name);
        tg_buffer_format(out, " (#%u to #%u) ", kind->first->id, kind->last->id);
        tg_tree_state(kind->first, out);
        TgCode *code;
        uint32_t at;
        if (tg_task_spot(kind->first, &code, &at)) tg_tree_place(code, at, out);
        tg_tree_say_time(kind->is_left, kind->least, kind->most, out);
        tg_tree_notes(picture->vm, kind->first, out);
        tg_tree_stops(picture->vm, kind->first, out);
        if (holds_tasks(kind->first)) tg_buffer_text(out, "; the first of them:");
    }
    tg_buffer_text(out, "\n");
    picture->lines++;
}

void tg_tree_scope_name(const TgScope *scope, TgBuffer *out) {
    static const char *const names[] = {"nursery", "timeout", "shield", "root"};
    tg_buffer_text(out, names[scope->kind]);
    if (scope->kind != SCOPE_NURSERY) {
        bool has_time = scope->kind != SCOPE_ROOT && scope->seconds < INFINITY;
        if (has_time) tg_buffer_text(out, " ");
        if (has_time) tg_why_seconds(out, scope->seconds);
        return;
    }
    uint32_t at;
    const TgCode *library, *code = tg_tree_scope_spot(scope, &at, &library);
    const char *name;
    size_t length = code && !library ? tg_excerpt_name(code, tg_code_place(code, at), "nursery", &name) : 0;
    if (length > 0) tg_buffer_format(out, " %.*s", (int)length, name);
    if (library) tg_buffer_format(out, " of %s()", library->name->data);
}

static void draw_tasks(Picture *picture, const TgScope *scope, int depth);

static void draw_nursery(Picture *picture, const TgScope *nursery, bool is_last, int depth) {
    size_t mark = tg_outline_branch(&picture->outline, is_last);
    TgBuffer *out = picture->outline.out;
    uint32_t at;
    const TgCode *library;
    const TgCode *code = tg_tree_scope_spot(nursery, &at, &library);
    tg_tree_scope_name(nursery, out);
    if (code) tg_buffer_text(out, " at ");
    if (code) tg_say_spot(out, code, at);
    tg_buffer_text(out, ", ");
    say_number(nursery->child_count, out);
    tg_buffer_format(out, " task%s%s\n", nursery->child_count == 1 ? "" : "s", nursery->cause ? ", cancelled" : "");
    picture->lines++;
    draw_tasks(picture, nursery, depth + 1);
    tg_outline_end(&picture->outline, mark);
}

// The nurseries that a task has open, the outermost first.
static void draw_inside(Picture *picture, const TgTask *task, int depth) {
    if (depth >= MOST_DEEP || picture->lines >= MOST_LINES) {
        picture->hidden += count_all(picture->vm, task) - 1;
        return;
    }
    const TgScope *open[MOST_DEEP];
    uint32_t count = 0;
    for (TgScope *scope = task->scope; scope; scope = scope->outer) {
        if (scope->child_count == 0) continue;
        if (count < MOST_DEEP)
            open[count++] = scope;
        else
            tg_scope_each(picture->vm, scope, count_one, &picture->hidden);
    }
    while (count-- > 0) draw_nursery(picture, open[count], count == 0, depth);
}

static void draw_tasks(Picture *picture, const TgScope *scope, int depth) {
    Kind kinds[KINDS_SHOWN];
    uint32_t left_out, count = find_kinds(picture->vm, scope, kinds, &left_out);
    for (uint32_t i = 0; i < count; i++) {
        if (picture->lines >= MOST_LINES) {
            picture->hidden += kinds[i].count * count_all(picture->vm, kinds[i].first);
            continue;
        }
        size_t mark = picture->outline.prefix.length;
        if (depth > 0) mark = tg_outline_branch(&picture->outline, i + 1 == count && left_out == 0);
        say_kind(picture, &kinds[i]);
        draw_inside(picture, kinds[i].first, depth);
        tg_outline_end(&picture->outline, mark);
    }
    if (left_out == 0) return;
    size_t mark = tg_outline_branch(&picture->outline, true);
    tg_buffer_format(picture->outline.out, "%s and ", tg_outline_dots(&picture->outline));
    say_number(left_out, picture->outline.out);
    tg_buffer_text(picture->outline.out, " more\n");
    picture->lines++;
    tg_outline_end(&picture->outline, mark);
}

static uint32_t draw_root(Picture *picture, TgScope *root) {
    if (!root) return 0;
    uint32_t count = 0;
    tg_scope_each(picture->vm, root, count_one, &count);
    draw_tasks(picture, root, 0);
    return count;
}

uint32_t tg_tree_picture(TgVM *vm, bool utf8, TgBuffer *out) {
    Picture picture = {.vm = vm, .outline = {.out = out, .utf8 = utf8}};
    uint32_t count = draw_root(&picture, vm->sched->root);
    if (vm->sched->session != vm->sched->root) count += draw_root(&picture, vm->sched->session);
    if (picture.hidden > 0) {
        tg_buffer_format(out, "%s and ", tg_outline_dots(&picture.outline));
        say_number(picture.hidden, out);
        tg_buffer_format(out, " more task%s further in\n", picture.hidden == 1 ? "" : "s");
    }
    tg_buffer_free(&picture.outline.prefix);
    return count;
}

void tg_sched_tree(TgVM *vm, TgBuffer *out) {
    TgBuffer picture = {0};
    uint32_t count = tg_tree_picture(vm, vm->options.utf8, &picture);
    say_number(count, out);
    tg_buffer_format(out, " task%s:\n", count == 1 ? "" : "s");
    tg_buffer_add(out, picture.data, picture.length);
    tg_buffer_free(&picture);
}
