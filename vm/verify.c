// vm/verify.c
// Code checked for form: every field within its bounds, every jump to an instruction, every table
// in order.
//
// Most of it follows from the letters in opcodes.def; the rest is about instructions that use
// registers beside those that they name, come in pairs, or want a certain kind of constant. Debug
// builds check all that is compiled, so a slip of the compiler is found where it is made and not in
// the loop. Layer: data.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/disasm.h"
#include "vm/op.h"
#include "vm/verify_impl.h"

bool tg_verify_fail(TgVerify *v, uint32_t pc, const char *format, ...) {
    if (v->wrong) return false;
    char what[160], all[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    const char *op = "";
    if (pc < v->code->word_count && TG_OP(v->code->words[pc]) < OP_COUNT) {
        op = tg_op_info[TG_OP(v->code->words[pc])].name;
    }
    snprintf(all, sizeof all, "%s at %u %s: %s",
             v->code->signature ? v->code->signature->data : "code", pc, op, what);
    v->wrong = strdup(all);
    return false;
}

// ---- registers

static bool check_registers(TgVerify *v, uint32_t pc, uint32_t first, uint32_t count) {
    if (first + count <= v->code->registers) return true;
    return tg_verify_fail(v, pc, "registers %u to %u of %u", first, first + count - 1,
                          v->code->registers);
}

uint32_t tg_verify_named(const TgCode *code, uint32_t constant) {
    TgValue names = code->constants[constant];
    return tg_is_kind(names, OBJ_LIST) ? ((TgList *)tg_as_obj(names))->count : 0;
}

// The registers from R[A] on that an instruction uses beyond what its letters say.
static uint32_t span_at_a(const TgCode *code, uint32_t pc) {
    uint32_t word = code->words[pc], b = TG_B(word), c = TG_C(word);
    switch (TG_OP(word)) {
    case OP_LOADNIL: return b + 1;
    case OP_UNPACK:
    case OP_UNPACKREST: return c;
    case OP_CALL:
    case OP_CALLNC:
    case OP_SPAWN: return 2 + b + 1; // one over, for bound methods
    case OP_INVOKE:
    case OP_INVOKENC:
    case OP_INVOKEQ:
    case OP_INVOKEQNC:
    case OP_SEND:
    case OP_RECEIVE:
    case OP_SUPERCALL:
    case OP_SPAWNM: return 3 + b + 1;
    case OP_CALLX:
    case OP_SPAWNX: return 2 + b + tg_verify_named(code, code->words[pc + 1]) + 1;
    case OP_METHOD:
    case OP_SUPERMETHOD: return 3;
    case OP_ITER: return 3;
    case OP_FORNEXT:
    case OP_FORTEST: return 3 + (b ? b : 1);
    case OP_FORPREP:
    case OP_FORLOOP: return 3;
    case OP_RERAISE:
    case OP_MATCH:
    case OP_ENDTRY: return 5;
    case OP_BEGINFINALLY:
    case OP_ENDFINALLY:
    case OP_ENTER:
    case OP_ENTERED:
    case OP_SELECTED: return 2;
    case OP_SELECT: return 2 + (b ? b * 3 : 1);
    case OP_NURSERY:
    case OP_TIMEOUT:
    case OP_SHIELD:
    case OP_ENDSCOPE: return 3;
    default: return 1;
    }
}

static bool check_spans(TgVerify *v, uint32_t pc) {
    uint32_t word = v->code->words[pc], b = TG_B(word), c = TG_C(word);
    TgOp op = TG_OP(word);
    if (tg_op_info[op].a != 'X' && tg_op_info[op].a != 'N' &&
        !check_registers(v, pc, TG_A(word), span_at_a(v->code, pc))) {
        return false;
    }
    if (op == OP_LIST || op == OP_CONCAT) return check_registers(v, pc, b, c ? c : 1);
    if (op == OP_SLICE) return check_registers(v, pc, b, 3);
    return true;
}

// ---- fields and words

static bool check_field(TgVerify *v, uint32_t pc, char letter, uint32_t value) {
    switch (letter) {
    case 'W':
    case 'R':
    case 'M':
    case 'S': return check_registers(v, pc, value, 1);
    case 'O': return value == 255 || check_registers(v, pc, value, 1);
    case 'K':
    case 'd':
        if (value < v->code->constant_count) return true;
        return tg_verify_fail(v, pc, "constant %u of %u", value, v->code->constant_count);
    case 'U':
        if (value < v->code->capture_count) return true;
        return tg_verify_fail(v, pc, "capture %u of %u", value, v->code->capture_count);
    default: return true;
    }
}

static bool check_target(TgVerify *v, uint32_t pc, uint32_t target) {
    if (target < v->code->word_count && v->starts[target]) return true;
    return tg_verify_fail(v, pc, "a jump to %u, where no instruction is", target);
}

static uint32_t jump_target(const TgCode *code, uint32_t pc) {
    uint32_t length = tg_op_length(TG_OP(code->words[pc]));
    return pc + length + code->words[pc + length - 1];
}

static bool check_words(TgVerify *v, uint32_t pc, uint32_t length) {
    const TgCode *code = v->code;
    const char *letters = tg_op_info[TG_OP(code->words[pc])].words;
    for (uint32_t i = 1; i < length; i++) {
        uint32_t word = code->words[pc + i];
        bool right = true;
        switch (letters[i - 1]) {
        case 'j': right = check_target(v, pc, pc + length + word); break;
        case 'p': right = check_target(v, pc, word); break;
        case 'k': right = check_field(v, pc, 'd', word); break;
        default: break;
        }
        if (!right) return false;
    }
    return true;
}

// ---- what is said of single instructions

static bool wants(TgVerify *v, uint32_t pc, uint32_t constant, TgKind kind, const char *name) {
    if (tg_is_kind(v->code->constants[constant], kind)) return true;
    return tg_verify_fail(v, pc, "constant %u is no %s", constant, name);
}

static bool check_constants(TgVerify *v, uint32_t pc) {
    const TgCode *code = v->code;
    uint32_t word = code->words[pc], d = TG_D(word), k = 0;
    TgOp op = TG_OP(word);
    if (*tg_op_info[op].words == 'k') k = code->words[pc + 1];
    switch (op) {
    case OP_GETGLOBAL:
    case OP_SETGLOBAL:
    case OP_DEFGLOBAL: return wants(v, pc, d, OBJ_CELL, "Cell");
    case OP_GETGLOBALX:
    case OP_SETGLOBALX:
    case OP_DEFGLOBALX: return wants(v, pc, k, OBJ_CELL, "Cell");
    case OP_CLOSURE: return wants(v, pc, d, OBJ_CODE, "Code");
    case OP_CLOSUREX: return wants(v, pc, k, OBJ_CODE, "Code");
    case OP_LOADKX: return true;
    case OP_CALLX:
    case OP_SPAWNX:
        return tg_is_nil(code->constants[k]) || wants(v, pc, k, OBJ_LIST, "List of names");
    default: return *tg_op_info[op].words != 'k' || wants(v, pc, k, OBJ_STRING, "String");
    }
}

// Instructions that come in pairs with the same target.
static bool check_pair(TgVerify *v, uint32_t pc, uint32_t next) {
    const TgCode *code = v->code;
    uint32_t word = code->words[pc];
    TgOp op = TG_OP(word), wanted = OP_FORTEST;
    uint32_t a = TG_A(word);
    if (op == OP_JEQ || op == OP_JEQK)
        wanted = OP_JT;
    else if (op == OP_JNE || op == OP_JNEK)
        wanted = OP_JF;
    else if (op != OP_FORNEXT)
        return true;
    if (op != OP_FORNEXT) a = TG_C(word);
    if (next < code->word_count && TG_OP(code->words[next]) == wanted &&
        TG_A(code->words[next]) == a && jump_target(code, next) == jump_target(code, pc)) {
        return op != OP_FORNEXT || TG_B(code->words[next]) == TG_B(word) ||
               tg_verify_fail(v, pc, "FORTEST takes another number of names");
    }
    return tg_verify_fail(v, pc, "not followed by its %s", tg_op_info[wanted].name);
}

static bool check_other(TgVerify *v, uint32_t pc) {
    const TgCode *code = v->code;
    uint32_t word = code->words[pc], length = tg_op_length(TG_OP(word));
    switch (TG_OP(word)) {
    case OP_UNPACKREST:
        return code->words[pc + 1] < TG_C(word) || tg_verify_fail(v, pc, "the rest is no target");
    case OP_LOOP: return jump_target(code, pc) <= pc || tg_verify_fail(v, pc, "a LOOP forwards");
    case OP_FORNEXT:
    case OP_FORLOOP:
        return jump_target(code, pc) <= pc || tg_verify_fail(v, pc, "a loop's body behind it");
    case OP_SPAWN:
    case OP_SPAWNM:
    case OP_SPAWNX: return check_field(v, pc, 'O', code->words[pc + length - 1] & ~TG_SPAWN_DROPPED);
    default: return true;
    }
}

static bool check_instruction(TgVerify *v, uint32_t pc) {
    uint32_t word = v->code->words[pc], length = tg_op_length(TG_OP(word));
    const TgOpInfo *info = &tg_op_info[TG_OP(word)];
    bool is_wide = info->b == 'd' || info->b == 'i';
    return check_field(v, pc, info->a, TG_A(word)) &&
           check_field(v, pc, info->b, is_wide ? TG_D(word) : TG_B(word)) &&
           (is_wide || check_field(v, pc, info->c, TG_C(word))) && check_words(v, pc, length) &&
           check_constants(v, pc) && check_spans(v, pc) && check_pair(v, pc, pc + length) &&
           check_other(v, pc);
}

static bool ends_flow(TgOp op) {
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
    case OP_AGAIN: return true;
    default: return false;
    }
}

// Finds where instructions begin.
static bool find_starts(TgVerify *v) {
    const TgCode *code = v->code;
    uint32_t last = 0, length;
    for (uint32_t pc = 0; pc < code->word_count; pc += length) {
        if (TG_OP(code->words[pc]) >= OP_COUNT) return tg_verify_fail(v, pc, "no such instruction");
        length = tg_op_length(TG_OP(code->words[pc]));
        if (pc + length > code->word_count) return tg_verify_fail(v, pc, "cut off");
        v->starts[pc] = 1;
        last = pc;
    }
    if (code->word_count && ends_flow(TG_OP(code->words[last]))) return true;
    return tg_verify_fail(v, last, "control runs out of the code");
}

// ---- tables

static const uint8_t handler_spans[] = {5, 5, 2, 2, 2, 3};

static bool check_row(TgVerify *v, const TgHandler *row) {
    const TgCode *code = v->code;
    bool ends_well =
        row->end == code->word_count || (row->end < code->word_count && v->starts[row->end]);
    if (row->kind > HANDLER_SCOPE) return tg_verify_fail(v, row->start, "an unknown handler");
    if (row->start >= row->end || !ends_well || !v->starts[row->start]) {
        return tg_verify_fail(v, row->start, "a handler's range ends at %u", row->end);
    }
    if (!check_target(v, row->start, row->target)) return false;
    if (!check_registers(v, row->start, row->reg, handler_spans[row->kind])) return false;
    uint32_t target = code->words[row->target], first = code->words[row->start];
    if (row->kind == HANDLER_SCOPE) {
        bool right = TG_OP(target) == OP_ENDSCOPE && TG_A(target) == row->reg &&
                     row->target >= row->start && row->target < row->end;
        return right || tg_verify_fail(v, row->start, "a scope without its ENDSCOPE");
    }
    if (row->kind == HANDLER_ENTER) {
        bool right = TG_OP(first) == OP_ENTER && TG_A(first) == row->reg &&
                     row->end == row->start + tg_op_length(OP_ENTER);
        return right || tg_verify_fail(v, row->start, "an enter row around something else");
    }
    if (row->kind == HANDLER_FINALLY) {
        uint32_t at = row->end - tg_op_length(OP_ENDFINALLY), last = code->words[at];
        bool right = at >= row->start && v->starts[at] && TG_OP(last) == OP_ENDFINALLY &&
                     TG_A(last) == row->reg;
        return right || tg_verify_fail(v, row->start, "a finally without its ENDFINALLY");
    }
    bool outside = row->target >= row->end;
    return outside || tg_verify_fail(v, row->start, "a handler that covers its own target");
}

// Rows lie beside or inside of each other, inner ones first. Those not yet inside of another are on
// a stack.
static bool check_rows(TgVerify *v) {
    const TgCode *code = v->code;
    uint32_t *open = malloc((code->handler_count + 1) * sizeof *open), count = 0;
    bool right = open != NULL;
    for (uint32_t i = 0; right && i < code->handler_count; i++) {
        const TgHandler *row = &code->handlers[i];
        right = check_row(v, row);
        while (right && count > 0 && code->handlers[open[count - 1]].start >= row->start) {
            right = code->handlers[open[count - 1]].end <= row->end ||
                    tg_verify_fail(v, row->start, "handlers that cross");
            count--;
        }
        if (right && count > 0 && code->handlers[open[count - 1]].end > row->start) {
            right = tg_verify_fail(v, row->start, "an inner handler behind an outer one");
        }
        open[count++] = i;
    }
    free(open);
    return right;
}

// RET must not stand where something has to be told of it; LEAVERET and LEAVE may stand anywhere.
static bool check_returns(TgVerify *v) {
    const TgCode *code = v->code;
    int32_t *depth = calloc(code->word_count + 1, sizeof *depth), now = 0;
    bool right = depth != NULL;
    for (uint32_t i = 0; right && i < code->handler_count; i++) {
        if (code->handlers[i].kind == HANDLER_TRY) continue;
        depth[code->handlers[i].start]++;
        depth[code->handlers[i].end]--;
    }
    for (uint32_t pc = 0; right && pc < code->word_count; pc++) {
        now += depth[pc];
        if (!v->starts[pc]) continue;
        TgOp op = TG_OP(code->words[pc]);
        if ((op == OP_RET || op == OP_RETNIL) && now > 0) {
            right = tg_verify_fail(v, pc, "a plain return out of a block that needs care");
        }
    }
    free(depth);
    return right;
}

static bool check_places(TgVerify *v) {
    const TgCode *code = v->code;
    for (uint32_t i = 0; i < code->place_count; i++) {
        uint32_t pc = code->places[i].pc;
        if (pc >= code->word_count || !v->starts[pc] || (i > 0 && code->places[i - 1].pc >= pc)) {
            return tg_verify_fail(v, pc, "place row %u is out of order", i);
        }
    }
    return true;
}

static bool check_facts(TgVerify *v) {
    const TgCode *code = v->code;
    uint32_t all = (uint32_t)code->params + code->has_rest;
    bool right = code->registers <= TG_MAX_REGISTERS && all <= code->registers &&
                 code->positional <= code->params && code->required <= code->positional &&
                 code->word_count > 0 && (all == 0 || code->param_names) &&
                 (code->call_key == TG_CALL_SLOW || code->call_key == code->params);
    return right || tg_verify_fail(v, 0, "its parameters and registers do not fit together");
}

// ---- all

static bool check_inner(TgVerify *v) {
    const TgCode *code = v->code;
    for (uint32_t i = 0; i < code->constant_count; i++) {
        if (!tg_is_kind(code->constants[i], OBJ_CODE)) continue;
        const TgCode *inner = (const TgCode *)tg_as_obj(code->constants[i]);
        for (uint32_t k = 0; k < inner->capture_count; k++) {
            uint32_t most = inner->captures[k].from_frame ? code->registers : code->capture_count;
            if (inner->captures[k].index < most) continue;
            return tg_verify_fail(v, 0, "capture %u of constant %u is not there", k, i);
        }
        v->wrong = tg_verify(inner);
        if (v->wrong) return false;
    }
    return true;
}

static bool check_code(TgVerify *v) {
    if (!check_facts(v) || !find_starts(v)) return false;
    for (uint32_t pc = 0; pc < v->code->word_count; pc++) {
        if (v->starts[pc] && !check_instruction(v, pc)) return false;
    }
    return check_rows(v) && check_returns(v) && check_places(v) && check_inner(v) &&
           tg_verify_flow(v);
}

char *tg_verify(const TgCode *code) {
    TgVerify v = {.code = code, .starts = calloc(code->word_count + 1, 1)};
    if (!v.starts) return NULL; // no memory to look: nothing was found
    check_code(&v);
    free(v.starts);
    return v.wrong;
}
