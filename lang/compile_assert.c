// lang/compile_assert.c
// assert(condition): where it holds, a jump over what tells about it; where it does not, a call of the library's
// `_assert_failed` with the condition's text and the values in it.
//
// Operands are evaluated once and stay in their registers until the comparison has been made. Of any other condition
// the variables in it are shown: to read them again does nothing. What may not have been evaluated (the right side of
// an `and`) is never read. Each part of a top-level `and` tells for itself.
// Layer: front end, private to the compiler.
#include "lang/compiler_impl.h"

#include "vm/list.h"
#include "vm/map.h"
#include "vm/vm.h"

enum { LONGEST_TEXT = 160, MOST_NAMES = 6, MOST_PARTS = 16, REGISTERS_NEEDED = 40 };

static bool is_builtin(const TgNode *node, const char *name) {
    return node->kind == NODE_NAME && node->binding && node->binding->kind == BIND_BUILTIN &&
           node->name.length == strlen(name) && !memcmp(node->name.at, name, node->name.length);
}

// A message that is more than a String is evaluated whether it is needed or not, as all arguments are: such a call
// stays a call.
bool tg_is_assert(const TgNode *call) {
    if (call->kind != NODE_CALL || !is_builtin(call->a, "assert")) return false;
    uint32_t count = call->list.count;
    if (count < 1 || count > 2 || (count == 2 && call->list.items[1]->kind != NODE_STRING)) return false;
    return call->list.items[0]->kind != NODE_SPREAD && call->list.items[0]->kind != NODE_NAMED;
}

// ---- what is told

// The text of an expression on one line, cut where it is long.
static TgString *source_of(TgUnit *unit, const TgNode *node) {
    const TgTokens *tokens = &unit->tree->tokens;
    const char *text = tokens->source->text;
    uint32_t end = tokens->items[node->last].end;
    TgBuffer out = {0};
    bool blank = false;
    for (uint32_t at = tokens->items[node->first].start; at < end; at++) {
        bool is_blank = text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r';
        if (!is_blank && blank) tg_buffer_text(&out, " ");
        if (!is_blank && out.length >= LONGEST_TEXT && ((unsigned char)text[at] & 0xC0) != 0x80) {
            tg_buffer_text(&out, "…");
            break;
        }
        if (!is_blank) tg_buffer_add(&out, &text[at], 1);
        blank = is_blank;
    }
    TgString *string = tg_string(unit->vm, out.data ? out.data : "", out.length);
    tg_buffer_free(&out);
    return string;
}

typedef struct {
    const TgNode *nodes[MOST_NAMES];
    uint32_t count;
} Names;

static void add_name(Names *names, const TgNode *node) {
    const TgBinding *binding = node->binding;
    if (!binding || binding->kind == BIND_BUILTIN || binding->hoisted || tg_binding_is_module(binding)) return;
    for (uint32_t i = 0; i < names->count; i++)
        if (names->nodes[i]->binding == binding) return;
    if (names->count == MOST_NAMES) return;
    uint32_t at = names->count++;
    for (; at > 0 && names->nodes[at - 1]->first > node->first; at--) names->nodes[at] = names->nodes[at - 1];
    names->nodes[at] = node; // in the order of the text
}

// Variables that have surely been read when the expression has its value.
static void find_names(Names *names, const TgNode *node) {
    for (; node; node = node->a) {
        switch (node->kind) {
        case NODE_NAME: add_name(names, node); return;
        case NODE_FN:
        case NODE_SPAWN:
        case NODE_COMPREHENSION: return;
        case NODE_CALL:
        case NODE_LIST:
        case NODE_INTERP:
            for (uint32_t i = 0; i < node->list.count; i++) find_names(names, node->list.items[i]);
            break;
        case NODE_BINARY:
        case NODE_IS:
        case NODE_RANGE:
        case NODE_INDEX: find_names(names, node->b); break;
        default: break;
        }
    }
}

// Of `a or b`, which does not hold, both sides have been evaluated.
static void find_all_names(Names *names, const TgNode *node) {
    while (node->kind == NODE_LOGICAL && node->op == TOK_OR) {
        find_names(names, node->b);
        node = node->a;
    }
    find_names(names, node);
}

// ---- the call that tells

typedef struct {
    const TgNode *call;
    int window; // callee, link, text, whether it is `==`, values, message
} Failure;

// The head of the message: the whole condition, and which part of it.
static TgString *head_of(TgUnit *unit, const TgNode *call, const TgNode *part) {
    const TgNode *condition = call->list.items[0];
    TgString *whole = source_of(unit, condition);
    if (part == condition) return tg_string_format(unit->vm, "assert(%s)", whole->data);
    return tg_string_format(unit->vm, "assert(%s)\n  not so: %s", whole->data, source_of(unit, part)->data);
}

static Failure begin_failure(TgEmit *f, const TgNode *call, const TgNode *part, bool is_equal) {
    Failure failure = {call, tg_take(f, 7)};
    TgVM *vm = f->unit->vm;
    int at = failure.window;
    f->token = call->a->last;
    tg_emit_load(f, tg_map_get_string(vm->builtin_keep, tg_string_c(vm, "_assert_failed")), at);
    tg_emit_load(f, tg_obj(head_of(f->unit, call, part)), at + 2);
    tg_emit(f, OP_LOADBOOL, at + 3, is_equal, 0);
    tg_emit(f, OP_LIST, at + 4, at + 4, 0);
    return failure;
}

static void add_text(TgEmit *f, const Failure *failure, TgString *text) {
    int mark = f->next, reg = tg_take(f, 1);
    tg_emit_load(f, tg_obj(text), reg);
    tg_emit(f, OP_APPEND, failure->window + 4, reg, 0);
    f->next = mark;
}

static void add_value(TgEmit *f, const Failure *failure, const char *label, TgOperand value) {
    add_text(f, failure, tg_string_c(f->unit->vm, label));
    int mark = f->next;
    tg_emit(f, OP_APPEND, failure->window + 4, tg_operand_register(f, value), 0);
    f->next = mark;
}

static void end_failure(TgEmit *f, const Failure *failure) {
    const TgNodeList *arguments = &failure->call->list;
    f->token = failure->call->a->last;
    TgValue message = arguments->count == 2 ? tg_obj(tg_unit_text(f->unit, arguments->items[1]->name)) : TG_NIL;
    tg_emit_load(f, message, failure->window + 5);
    tg_emit(f, OP_CALLNC, failure->window, 4, failure->window);
}

// ---- parts

static void both_sides(TgEmit *f, const TgNode *call, const TgNode *node, TgOperand left, TgOperand right) {
    bool is_equal = node->kind == NODE_BINARY && node->op == TOK_EQ;
    Failure failure = begin_failure(f, call, node, is_equal);
    add_value(f, &failure, "left", left);
    add_value(f, &failure, "right", right);
    end_failure(f, &failure);
}

static void compared(TgEmit *f, const TgNode *call, const TgNode *node) {
    TgLabel holds = NEW_LABEL;
    TgOperand left = tg_operand(f, node->a), right = tg_operand(f, node->b);
    tg_jump_operands(f, node, left, right, true, &holds);
    both_sides(f, call, node, left, right);
    tg_label_bind(f, &holds);
}

// `in` and `is`, and with `not`.
static void related(TgEmit *f, const TgNode *call, const TgNode *node) {
    TgLabel holds = NEW_LABEL;
    int left = tg_expr(f, node->a, ANY), right = tg_expr(f, node->b, ANY), answer = tg_take(f, 1);
    f->token = node->first;
    tg_emit(f, node->kind == NODE_IS ? OP_IS : OP_IN, answer, left, right);
    tg_emit_jump(f, node->flags & FLAG_NOT ? OP_JF : OP_JT, answer, 0, 0, &holds);
    TgOperand a = {.reg = left}, b = {.reg = right};
    both_sides(f, call, node, a, b);
    tg_label_bind(f, &holds);
}

static void plain(TgEmit *f, const TgNode *call, const TgNode *node) {
    TgLabel holds = NEW_LABEL;
    Names names = {.count = 0};
    tg_jump(f, node, true, &holds);
    Failure failure = begin_failure(f, call, node, false);
    find_all_names(&names, node);
    for (uint32_t i = 0; i < names.count; i++) {
        int mark = f->next;
        add_text(f, &failure, tg_unit_text(f->unit, names.nodes[i]->name));
        f->token = names.nodes[i]->first;
        int reg = tg_name_load(f, names.nodes[i]->binding, ANY);
        tg_emit(f, OP_APPEND, failure.window + 4, reg, 0);
        f->next = mark;
    }
    end_failure(f, &failure);
    tg_label_bind(f, &holds);
}

static void part(TgEmit *f, const TgNode *call, const TgNode *node) {
    int mark = f->next;
    bool is_relation = node->kind == NODE_IS || (node->kind == NODE_BINARY && node->op == TOK_IN);
    if (f->next + REGISTERS_NEEDED > TG_MAX_REGISTERS) plain(f, call, node);
    else if (tg_jump_compares(node)) compared(f, call, node);
    else if (is_relation) related(f, call, node);
    else plain(f, call, node);
    f->next = mark;
}

// The parts of `a and b and c`, which leans to the left; `or` in it, and what is too long, is one part.
static uint32_t find_parts(const TgNode *node, const TgNode *parts[MOST_PARTS]) {
    const TgNode *at = node;
    uint32_t count = 1;
    while (at->kind == NODE_LOGICAL && at->op == TOK_AND && count < MOST_PARTS) {
        parts[MOST_PARTS - count++] = at->b;
        at = at->a;
    }
    parts[MOST_PARTS - count] = at;
    return count;
}

void tg_assert(TgEmit *f, const TgNode *call) {
    const TgNode *parts[MOST_PARTS];
    tg_emit_check(f, call->a->last); // a boundary as in front of any call
    uint32_t count = find_parts(call->list.items[0], parts);
    for (uint32_t i = MOST_PARTS - count; i < MOST_PARTS && !f->unit->failed; i++) part(f, call, parts[i]);
}
