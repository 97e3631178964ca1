// vm/verify_flow.c
// The flow of values: what every way to an instruction has written, found by going over the code
// until nothing changes. Catches a register that is read before it is written, one that a call's
// window has run over, and a Cell that is taken for its value.
//
// A leaving may come at any instruction of a handler's range that can raise or stop, so what holds
// at its target is what holds before all of them; of a call, without its window. Layer: data,
// private to the verifier.
#include <stdlib.h>
#include <string.h>

#include "vm/op.h"
#include "vm/verify_impl.h"

enum { WORDS = 4, LARGEST = 200000 };

typedef struct {
    uint64_t known[WORDS]; // registers that were written
    uint64_t cell[WORDS];  // those that surely hold a Cell
} Set;

typedef struct {
    TgVerify *v;
    const TgCode *code;
    Set *before; // per word
    uint8_t *reached;
    int32_t *row;   // per word: innermost handler row, -1 for none
    int32_t *outer; // per row: the one around
    bool changed;
    bool checking; // the last pass: reads are looked at
    uint32_t pc;
    Set now;
} Flow;

static bool has(const uint64_t *set, uint32_t reg) {
    return set[reg / 64] >> reg % 64 & 1;
}

static void define(Set *set, uint32_t reg, uint32_t count) {
    for (uint32_t i = reg; i < reg + count && i < 256; i++) {
        set->known[i / 64] |= 1ull << i % 64;
        set->cell[i / 64] &= ~(1ull << i % 64);
    }
}

static void forget_from(Set *set, uint32_t reg) {
    for (uint32_t i = reg; i < 256; i++) {
        set->known[i / 64] &= ~(1ull << i % 64);
        set->cell[i / 64] &= ~(1ull << i % 64);
    }
}

static void join(Flow *flow, uint32_t target, const Set *set) {
    Set *old = &flow->before[target];
    if (!flow->reached[target]) {
        flow->reached[target] = 1;
        *old = *set;
        flow->changed = true;
        return;
    }
    for (int i = 0; i < WORDS; i++) {
        uint64_t known = old->known[i] & set->known[i], cell = old->cell[i] & set->cell[i];
        flow->changed |= known != old->known[i] || cell != old->cell[i];
        old->known[i] = known;
        old->cell[i] = cell;
    }
}

static void read_any(Flow *flow, uint32_t reg, uint32_t count) {
    for (uint32_t i = reg; flow->checking && i < reg + count; i++) {
        if (!has(flow->now.known, i)) {
            tg_verify_fail(flow->v, flow->pc, "r%u may not have been written", i);
        }
    }
}

static void read(Flow *flow, uint32_t reg, uint32_t count) {
    read_any(flow, reg, count);
    for (uint32_t i = reg; flow->checking && i < reg + count; i++) {
        if (has(flow->now.cell, i)) tg_verify_fail(flow->v, flow->pc, "r%u is a Cell", i);
    }
}

// ---- what an instruction reads

static void read_captures(Flow *flow, TgValue constant) {
    const TgCode *inner = (const TgCode *)tg_as_obj(constant);
    for (uint32_t i = 0; i < inner->capture_count; i++) {
        if (inner->captures[i].from_frame) read_any(flow, inner->captures[i].index, 1);
    }
}

static void read_by_letters(Flow *flow, uint32_t word) {
    const TgOpInfo *info = &tg_op_info[TG_OP(word)];
    const char letters[] = {info->a, info->b, info->c};
    const uint32_t fields[] = {TG_A(word), TG_B(word), TG_C(word)};
    for (int i = 0; i < 3; i++) {
        bool is_given = letters[i] == 'O' && fields[i] != 255;
        if (letters[i] == 'R' || letters[i] == 'M' || is_given) read(flow, fields[i], 1);
    }
}

static void read_calls(Flow *flow, uint32_t word, const uint32_t *at) {
    uint32_t a = TG_A(word), b = TG_B(word);
    switch (TG_OP(word)) {
    case OP_CALL:
    case OP_CALLNC:
    case OP_SPAWN:
        read(flow, a, 1);
        read(flow, a + 2, b);
        break;
    case OP_METHOD:
    case OP_SUPERMETHOD: read(flow, a + 2, 1); break;
    case OP_CALLX:
    case OP_SPAWNX:
        read(flow, a, 1);
        read(flow, a + 2, b + tg_verify_named(flow->code, at[1]));
        break;
    default: read(flow, a + 2, b + 1); break; // with a receiver
    }
}

static void read_operands(Flow *flow, uint32_t word, const uint32_t *at) {
    uint32_t a = TG_A(word), b = TG_B(word), c = TG_C(word);
    switch (TG_OP(word)) {
    case OP_GETCELL: read_any(flow, b, 1); break;
    case OP_SETCELL:
        read_any(flow, a, 1);
        read(flow, b, 1);
        break;
    case OP_SETINDEX: // a Cell may go into the hidden List of variables
        read(flow, a, 1);
        read(flow, b, 1);
        read_any(flow, c, 1);
        break;
    case OP_CLOSURE: read_captures(flow, flow->code->constants[TG_D(word)]); break;
    case OP_CLOSUREX: read_captures(flow, flow->code->constants[at[1]]); break;
    case OP_LIST:
    case OP_CONCAT: read(flow, b, c); break;
    case OP_SLICE: read(flow, b, 3); break;
    case OP_CALL:
    case OP_CALLNC:
    case OP_INVOKE:
    case OP_INVOKENC:
    case OP_INVOKEQ:
    case OP_INVOKEQNC:
    case OP_SEND:
    case OP_RECEIVE:
    case OP_METHOD:
    case OP_CALLX:
    case OP_SUPERCALL:
    case OP_SUPERMETHOD:
    case OP_SPAWN:
    case OP_SPAWNM:
    case OP_SPAWNX: read_calls(flow, word, at); break;
    case OP_ITER: read(flow, a, 1); break;
    case OP_FORPREP:
    case OP_ENDFINALLY: read(flow, a, 2); break;
    case OP_FORLOOP: read(flow, a, 2); break;
    case OP_FORNEXT:
    case OP_FORTEST:
    case OP_ENDSCOPE: read(flow, a, 3); break;
    case OP_RERAISE: read(flow, a + 1, 1); break;
    case OP_MATCH:
        read(flow, a, 1);
        read(flow, b, 1);
        break;
    case OP_ENDTRY: read(flow, a, 5); break;
    case OP_ENTER: read(flow, a, 1); break;
    case OP_ENTERED: read(flow, a, 2); break;
    case OP_SELECT: read(flow, a + 2, b ? b * 3 : 1); break;
    case OP_SELECTED: break;
    case OP_TIMEOUT: read(flow, b, 1); break;
    case OP_SHIELD:
        if (b != 255) read(flow, b, 1);
        break;
    default: read_by_letters(flow, word); break;
    }
}

static void read_nursery(Flow *flow, uint32_t word, const uint32_t *at) {
    TgOp op = TG_OP(word);
    if (op != OP_SPAWN && op != OP_SPAWNM && op != OP_SPAWNX) return;
    uint32_t nursery = at[tg_op_length(op) - 1] & ~TG_SPAWN_DROPPED;
    if (nursery != 255) read(flow, nursery, 1);
}

// ---- what it writes

static bool has_window(TgOp op) {
    switch (op) {
    case OP_CALL:
    case OP_CALLNC:
    case OP_INVOKE:
    case OP_INVOKENC:
    case OP_INVOKEQ:
    case OP_INVOKEQNC:
    case OP_SEND:
    case OP_RECEIVE:
    case OP_CALLX:
    case OP_SUPERCALL:
    case OP_SPAWN:
    case OP_SPAWNM:
    case OP_SPAWNX: return true;
    default: return false;
    }
}

static void write_by_letters(Set *now, uint32_t word) {
    const TgOpInfo *info = &tg_op_info[TG_OP(word)];
    if (info->a == 'W' || info->a == 'M') define(now, TG_A(word), 1);
    if (info->c == 'W') define(now, TG_C(word), 1);
}

static void write_results(Set *now, uint32_t word) {
    uint32_t a = TG_A(word);
    switch (TG_OP(word)) {
    case OP_LOADNIL: define(now, a, TG_B(word) + 1); break;
    case OP_UNPACK:
    case OP_UNPACKREST: define(now, a, TG_C(word)); break;
    case OP_NEWCELL:
        define(now, a, 1);
        now->cell[a / 64] |= 1ull << a % 64;
        break;
    case OP_ITER: define(now, a + 1, 2); break;
    case OP_FORPREP: define(now, a + 2, 1); break;
    case OP_MATCH:
    case OP_ENTER: define(now, a + 1, 1); break;
    case OP_SELECT:
    case OP_BEGINFINALLY: define(now, a, 2); break;
    case OP_NURSERY:
    case OP_TIMEOUT:
    case OP_SHIELD: define(now, a, 1); break;
    default: write_by_letters(now, word); break;
    }
}

// ---- where it goes

// Cannot raise and is no boundary: nothing leaves from here.
static bool is_quiet(TgOp op) {
    switch (op) {
    case OP_MOVE:
    case OP_LOADNIL:
    case OP_LOADBOOL:
    case OP_LOADUNDEF:
    case OP_LOADI:
    case OP_LOADK:
    case OP_LOADKX:
    case OP_DEFGLOBAL:
    case OP_DEFGLOBALX:
    case OP_GETUP:
    case OP_NEWCELL:
    case OP_SETCELL:
    case OP_CLOSURE:
    case OP_CLOSUREX:
    case OP_NOT:
    case OP_JMP:
    case OP_JT:
    case OP_JF:
    case OP_JNIL:
    case OP_JNNIL:
    case OP_TAKEN:
    case OP_ENTERED:
    case OP_SELECTED:
    case OP_BEGINFINALLY: return true;
    default: return false;
    }
}

static void leave_to_handlers(Flow *flow, const Set *set) {
    for (int32_t i = flow->row[flow->pc]; i >= 0; i = flow->outer[i]) {
        const TgHandler *row = &flow->code->handlers[i];
        Set there = *set;
        switch (row->kind) {
        case HANDLER_TRY:
        case HANDLER_CLAUSE: define(&there, row->reg, 5); break;
        case HANDLER_CLEANUP: define(&there, row->reg, 2); break;
        case HANDLER_SCOPE: define(&there, row->reg + 1u, 2); break;
        default: continue;
        }
        join(flow, row->target, &there);
    }
}

static bool goes_on(TgOp op) {
    switch (op) {
    case OP_RET:
    case OP_RETNIL:
    case OP_JMP:
    case OP_LOOP:
    case OP_LEAVE:
    case OP_LEAVERET:
    case OP_RAISE:
    case OP_RERAISE:
    case OP_TASKENTRY:
    case OP_TASKEND:
    case OP_RESUME:
    case OP_AGAIN: return false;
    default: return true;
    }
}

// The state on the way of the jump, `now` being that of the way on.
static void jump(Flow *flow, uint32_t word, const Set *before, uint32_t target) {
    uint32_t a = TG_A(word), b = TG_B(word);
    Set set = flow->now;
    switch (TG_OP(word)) {
    case OP_FORPREP:
    case OP_MATCH: set = *before; break;
    case OP_FORNEXT:
    case OP_FORTEST: define(&set, a + 3, b ? b : 1); break;
    case OP_FORLOOP: define(&set, a + 2, 1); break;
    default: break;
    }
    join(flow, target, &set);
}

static void step(Flow *flow) {
    const uint32_t *at = &flow->code->words[flow->pc];
    uint32_t word = *at, length = tg_op_length(TG_OP(word));
    TgOp op = TG_OP(word);
    flow->now = flow->before[flow->pc];
    read_operands(flow, word, at);
    read_nursery(flow, word, at);
    Set before = flow->now;
    if (has_window(op)) forget_from(&flow->now, TG_A(word));
    if (!is_quiet(op)) leave_to_handlers(flow, &flow->now);
    write_results(&flow->now, word);
    const char *letters = tg_op_info[op].words;
    for (uint32_t i = 1; i < length; i++) {
        if (letters[i - 1] == 'j') jump(flow, word, &before, flow->pc + length + at[i]);
        bool is_used = op != OP_ENDSCOPE || TG_B(word);
        if (letters[i - 1] == 'p' && is_used) join(flow, at[i], &flow->now);
    }
    if (goes_on(op)) join(flow, flow->pc + length, &flow->now);
}

// Outer rows come later in the table, so painting from its end leaves the innermost on top.
static void paint_rows(Flow *flow) {
    const TgCode *code = flow->code;
    for (uint32_t pc = 0; pc < code->word_count; pc++) flow->row[pc] = -1;
    for (uint32_t i = code->handler_count; i-- > 0;) {
        const TgHandler *row = &code->handlers[i];
        flow->outer[i] = flow->row[row->start];
        for (uint32_t pc = row->start; pc < row->end; pc++) flow->row[pc] = (int32_t)i;
    }
}

static void pass(Flow *flow) {
    for (uint32_t pc = 0; pc < flow->code->word_count; pc++) {
        if (!flow->v->starts[pc] || !flow->reached[pc]) continue;
        flow->pc = pc;
        step(flow);
    }
}

static void run(Flow *flow) {
    Set entry = {0};
    define(&entry, 0, (uint32_t)flow->code->params + flow->code->has_rest);
    paint_rows(flow);
    join(flow, 0, &entry);
    do {
        flow->changed = false;
        pass(flow);
    } while (flow->changed);
    flow->checking = true;
    pass(flow);
}

bool tg_verify_flow(TgVerify *v) {
    uint32_t count = v->code->word_count;
    if (count > LARGEST) return true; // 64 bytes a word
    Flow flow = {.v = v, .code = v->code};
    flow.before = calloc(count + 1, sizeof *flow.before);
    flow.reached = calloc(count + 1, 1);
    flow.row = calloc(count + 1, sizeof *flow.row);
    flow.outer = calloc(v->code->handler_count + 1, sizeof *flow.outer);
    if (flow.before && flow.reached && flow.row && flow.outer) run(&flow);
    free(flow.before);
    free(flow.reached);
    free(flow.row);
    free(flow.outer);
    return v->wrong == NULL;
}
