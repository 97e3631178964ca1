// lang/resolve_names.c
// The resolver's names: symbols, scopes, declarations, uses, captures, and "did you mean".
//
// A use finds the innermost declaration that is ready. One that is still ahead is an error in its
// own function and invisible from inner ones; one that is begun (let f = fn() => f()) can be
// captured, and then needs a cell, because the closure is made before the variable has its value.
// Layer: front end, private to the resolver.
#include "lang/resolver_impl.h"

#include <stdio.h>
#include <string.h>

// ---- symbols

static uint32_t hash_of(TgText text) {
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < text.length; i++)
        hash = (hash ^ (unsigned char)text.at[i]) * 16777619u;
    return hash ^ hash >> 15;
}

static bool same_text(TgText a, TgText b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

static void grow_symbols(TgResolver *r) {
    uint32_t room = r->symbol_room ? r->symbol_room * 2 : 256;
    TgSymbol **symbols = tg_arena_alloc(r->arena, room * sizeof(TgSymbol *));
    for (uint32_t i = 0; i < r->symbol_room; i++) {
        if (!r->symbols[i]) continue;
        uint32_t at = r->symbols[i]->hash & (room - 1);
        while (symbols[at]) at = (at + 1) & (room - 1);
        symbols[at] = r->symbols[i];
    }
    r->symbols = symbols;
    r->symbol_room = room;
}

TgSymbol *tg_resolver_symbol(TgResolver *r, TgText name) {
    if (r->symbol_count * 2 >= r->symbol_room) grow_symbols(r);
    uint32_t hash = hash_of(name), at = hash & (r->symbol_room - 1);
    for (; r->symbols[at]; at = (at + 1) & (r->symbol_room - 1)) {
        if (r->symbols[at]->hash == hash && same_text(r->symbols[at]->name, name)) {
            return r->symbols[at];
        }
    }
    TgSymbol *symbol = tg_arena_alloc(r->arena, sizeof *symbol);
    symbol->name = name;
    symbol->hash = hash;
    r->symbols[at] = symbol;
    r->symbol_count++;
    return symbol;
}

const char *tg_resolver_string(TgResolver *r, TgText text) {
    return tg_arena_copy(r->arena, text.at, text.length);
}

const char *tg_resolver_line(TgResolver *r, uint32_t token) {
    int line, column;
    const TgTokens *tokens = &r->tree->tokens;
    tg_source_place(tokens->source, tokens->items[token].start, &line, &column);
    char *text = tg_arena_alloc(r->arena, 16);
    snprintf(text, 16, "%d", line);
    return text;
}

// ---- scopes and declarations

void tg_scope_enter(TgResolver *r, TgScope *scope) {
    *scope = (TgScope){.outer = r->scope, .frame = r->frame};
    r->scope = scope;
}

void tg_scope_leave(TgResolver *r) {
    for (TgDecl *decl = r->scope->decls; decl; decl = decl->next) {
        decl->symbol->decl = decl->shadowed;
    }
    r->scope = r->scope->outer;
}

static void add_global(TgResolver *r, TgDecl *decl) {
    TgTree *tree = r->tree;
    if (tree->global_count == r->global_room) {
        uint32_t room = r->global_room ? r->global_room * 2 : 16;
        size_t old = r->global_room * sizeof(void *);
        tree->globals = tg_arena_grow(r->arena, tree->globals, old, room * sizeof(void *));
        r->global_decls = tg_arena_grow(r->arena, r->global_decls, old, room * sizeof(void *));
        r->global_room = room;
    }
    decl->state = DECL_READY; // wherever it is declared: a use too early is the run's business
    decl->binding->kind = BIND_GLOBAL;
    decl->binding->index = tree->global_count;
    r->global_decls[tree->global_count] = decl;
    tree->globals[tree->global_count++] = decl->binding;
}

static TgDecl *own_decl(const TgResolver *r, const TgSymbol *symbol) {
    return symbol->decl && symbol->decl->scope == r->scope ? symbol->decl : NULL;
}

static TgDecl *add_decl(TgResolver *r, TgSymbol *symbol, TgBinding *binding) {
    TgDecl *decl = tg_arena_alloc(r->arena, sizeof *decl);
    if (!binding) binding = tg_arena_alloc(r->arena, sizeof *binding);
    binding->name = symbol->name;
    binding->owner = r->frame->fn;
    *decl = (TgDecl){.binding = binding, .symbol = symbol, .scope = r->scope};
    decl->shadowed = symbol->decl;
    symbol->decl = decl;
    decl->next = r->scope->decls;
    r->scope->decls = decl;
    if (r->scope->is_global) add_global(r, decl);
    return decl;
}

static void announce(TgResolver *r, const TgNode *name, const TgNode *statement) {
    if (!name || name->kind != NODE_NAME) return;
    TgSymbol *symbol = tg_resolver_symbol(r, name->name);
    TgDecl *decl = own_decl(r, symbol);
    bool is_again = decl && decl->source;
    if (!decl) {
        decl = add_decl(r, symbol, NULL);
        decl->binding->token = name->first;
    }
    decl->source = is_again ? NULL : statement;
}

static const TgNode *target_name(const TgNode *target) {
    return target->kind == NODE_REST ? target->a : target;
}

void tg_scope_announce(TgResolver *r, TgNodeList statements) {
    for (uint32_t i = 0; i < statements.count; i++) {
        const TgNode *statement = statements.items[i];
        switch (statement->kind) {
        case NODE_LET:
            for (uint32_t k = 0; k < statement->list.count; k++) {
                announce(r, target_name(statement->list.items[k]), statement);
            }
            break;
        case NODE_FROM:
            for (uint32_t k = 0; k < statement->list.count; k++) {
                announce(r, statement->list.items[k]->c, statement);
            }
            break;
        case NODE_FN_DECL:
        case NODE_CLASS:
        case NODE_NURSERY:
        case NODE_IMPORT: announce(r, statement->c, statement); break;
        default: break;
        }
    }
}

static void declared_twice(TgResolver *r, const TgNode *name, const TgDecl *decl) {
    const char *word = tg_resolver_string(r, name->name);
    tg_diag_add(r->diags, DIAG_DECLARED_TWICE, TG_PLACE(r, name->first), word,
                tg_resolver_line(r, decl->binding->token), word);
}

TgDecl *tg_scope_declare(TgResolver *r, TgNode *name, TgDeclState state) {
    TgSymbol *symbol = tg_resolver_symbol(r, name->name);
    TgDecl *decl = own_decl(r, symbol);
    if (!decl) decl = add_decl(r, symbol, NULL);
    name->binding = decl->binding;
    if (decl->is_declared) {
        bool may_repeat = r->names->is_session && r->scope->is_global;
        if (!may_repeat) declared_twice(r, name, decl);
        return decl;
    }
    decl->is_declared = true;
    decl->binding->token = name->first;
    if (!r->scope->is_global) decl->state = state;
    return decl;
}

void tg_scope_add(TgResolver *r, TgNode *name) {
    if (name && name->kind == NODE_REST) name = name->a;
    if (name && name->kind == NODE_NAME) tg_scope_declare(r, name, DECL_READY);
}

void tg_scope_add_param(TgResolver *r, TgBinding *binding) {
    TgSymbol *symbol = tg_resolver_symbol(r, binding->name);
    binding->owner = r->frame->fn;
    // Ignored ones keep their place among the arguments and have no name.
    if (binding->name.length == 1 && binding->name.at[0] == '_') return;
    if (own_decl(r, symbol)) {
        tg_diag_add(r->diags, DIAG_PARAM_TWICE, TG_PLACE(r, binding->token),
                    tg_resolver_string(r, binding->name));
        return;
    }
    TgDecl *decl = add_decl(r, symbol, binding);
    decl->state = DECL_READY;
    decl->is_declared = true;
}

void tg_resolver_start(TgResolver *r, TgScope *globals) {
    const TgResolveNames *names = r->names;
    for (uint32_t i = 0; i < names->builtin_count; i++) {
        TgText text = {names->builtins[i], (uint32_t)strlen(names->builtins[i])};
        TgSymbol *symbol = tg_resolver_symbol(r, text);
        symbol->is_builtin = true;
        symbol->builtin_index = i;
    }
    tg_scope_enter(r, globals);
    globals->is_global = true;
    // The session's names come first and in order, so that theirs are steady indices.
    for (uint32_t i = 0; i < names->session_count; i++) {
        TgText text = {names->session[i], (uint32_t)strlen(names->session[i])};
        TgSymbol *symbol = tg_resolver_symbol(r, text);
        if (!own_decl(r, symbol)) add_decl(r, symbol, NULL);
    }
}

// ---- captures

static bool note_capture(TgResolver *r, const TgFn *fn, const TgBinding *binding) {
    if (r->capture_count * 2 >= r->capture_room) {
        uint32_t room = r->capture_room ? r->capture_room * 2 : 64;
        struct TgCapture *old = r->captures, *more = tg_arena_alloc(r->arena, room * sizeof *more);
        uint32_t old_room = r->capture_room;
        r->captures = more;
        r->capture_room = room;
        r->capture_count = 0;
        for (uint32_t i = 0; i < old_room; i++) {
            if (old[i].fn) note_capture(r, old[i].fn, old[i].binding);
        }
    }
    uint64_t mixed = ((uint64_t)(uintptr_t)fn * 31 + (uintptr_t)binding) * 0x9E3779B97F4A7C15u;
    uint32_t at = (uint32_t)(mixed >> 32) & (r->capture_room - 1);
    for (; r->captures[at].fn; at = (at + 1) & (r->capture_room - 1)) {
        if (r->captures[at].fn == fn && r->captures[at].binding == binding) return false;
    }
    r->captures[at] = (struct TgCapture){fn, binding};
    r->capture_count++;
    return true;
}

static void add_capture(TgResolver *r, TgFn *fn, TgBinding *binding) {
    // Room doubles at each power of two, so none has to be remembered.
    uint32_t count = fn->capture_count;
    if ((count & (count - 1)) == 0) {
        uint32_t room = count ? count * 2 : 1;
        fn->captures = tg_arena_grow(r->arena, fn->captures, count * sizeof(TgBinding *),
                                     room * sizeof(TgBinding *));
    }
    fn->captures[fn->capture_count++] = binding;
}

void tg_resolver_capture(TgResolver *r, TgBinding *binding) {
    for (TgFrame *frame = r->frame; frame && frame->fn != binding->owner; frame = frame->outer) {
        binding->captured = true;
        // Where one has it, so have all between it and the owner.
        if (!note_capture(r, frame->fn, binding)) return;
        add_capture(r, frame->fn, binding);
    }
}

// ---- did you mean

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool same_but_for_case(TgText a, TgText b) {
    if (a.length != b.length) return false;
    for (uint32_t i = 0; i < a.length; i++) {
        if (lower(a.at[i]) != lower(b.at[i])) return false;
    }
    return true;
}

enum { LONGEST_GUESS = 40 };

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

// Edit distance with swaps of neighbours, of names up to LONGEST_GUESS.
static uint32_t distance(TgText a, TgText b) {
    uint32_t rows[3][LONGEST_GUESS + 1];
    for (uint32_t k = 0; k <= b.length; k++) rows[0][k] = k;
    for (uint32_t i = 1; i <= a.length; i++) {
        uint32_t *row = rows[i % 3], *before = rows[(i + 2) % 3], *twice = rows[(i + 1) % 3];
        row[0] = i;
        for (uint32_t k = 1; k <= b.length; k++) {
            uint32_t cost = lower(a.at[i - 1]) != lower(b.at[k - 1]);
            row[k] = least(least(before[k], row[k - 1]) + 1, before[k - 1] + cost);
            bool is_swap =
                i > 1 && k > 1 && a.at[i - 1] == b.at[k - 2] && a.at[i - 2] == b.at[k - 1];
            if (is_swap) row[k] = least(row[k], twice[k - 2] + 1);
        }
    }
    return rows[a.length % 3][b.length];
}

static bool is_visible(const TgSymbol *symbol) {
    for (const TgDecl *decl = symbol->decl; decl; decl = decl->shadowed) {
        if (decl->state == DECL_READY) return true;
    }
    return symbol->is_builtin;
}

// The visible name that is most like `name`; NULL where none is like it. Ties go to the first by
// alphabet: the order of the table is nobody's business.
static const TgSymbol *nearest(const TgResolver *r, TgText name) {
    const TgSymbol *best = NULL;
    uint32_t best_distance = name.length < 3 ? 2 : name.length < 6 ? 3 : 4; // to be less than
    if (name.length < 2) best_distance = 1;
    for (uint32_t i = 0; i < r->symbol_room; i++) {
        const TgSymbol *symbol = r->symbols[i];
        if (!symbol || symbol->name.length > LONGEST_GUESS || name.length > LONGEST_GUESS) continue;
        uint32_t a = symbol->name.length, b = name.length, far = 0;
        if ((a > b ? a - b : b - a) > best_distance || !is_visible(symbol)) continue;
        if (same_text(symbol->name, name)) continue;
        if (!same_but_for_case(symbol->name, name)) far = distance(symbol->name, name);
        if (far >= b) continue; // nothing of it is left
        bool is_better = far < best_distance;
        if (far == best_distance && best) {
            is_better = memcmp(symbol->name.at, best->name.at, least(a, best->name.length)) < 0;
        }
        if (!is_better) continue;
        best = symbol;
        best_distance = far;
    }
    return best;
}

// ---- uses

static bool is_ahead_for_inner(const TgSymbol *symbol, const TgDecl **found) {
    for (const TgDecl *decl = symbol->decl; decl; decl = decl->shadowed) {
        if (decl->state == DECL_AHEAD) return *found = decl, true;
    }
    return false;
}

const TgNode *tg_resolver_class(const TgResolver *r) {
    const TgFrame *frame = r->frame;
    while (frame && !frame->class_node) frame = frame->outer;
    return frame ? frame->class_node : NULL;
}

// Whether the class around has a method of this name, or sets such a field before this place.
static bool is_member_here(const TgResolver *r, const TgSymbol *symbol) {
    const TgNode *around = tg_resolver_class(r);
    if (!around) return false;
    if (symbol->field_of == around) return true;
    for (uint32_t i = 0; i < around->list.count; i++) {
        const TgNode *member = around->list.items[i];
        const TgNode *name = member->kind == NODE_FN_DECL ? member->c : NULL;
        if (name && same_text(name->name, symbol->name)) return true;
    }
    return false;
}

static bool is_standard_module(TgText name) {
    static const char *const modules[] = {"math", "random", "time",    "json", "re",  "io",
                                          "fs",   "net",    "process", "os",   "http"};
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        if (strlen(modules[i]) == name.length && !memcmp(modules[i], name.at, name.length))
            return true;
    }
    return false;
}

static const char *undeclared_hint(TgResolver *r, const TgSymbol *symbol, bool is_assigned) {
    char hint[256];
    int length = (int)least(symbol->name.length, 60);
    const TgDecl *ahead;
    const TgSymbol *guess = nearest(r, symbol->name);
    if (is_ahead_for_inner(symbol, &ahead)) {
        snprintf(
            hint, sizeof hint,
            "it is declared further down, on line %s; only top-level names can be used earlier",
            tg_resolver_line(r, ahead->binding->token));
    } else if (is_member_here(r, symbol)) {
        snprintf(hint, sizeof hint, "members are reached through self: self.%.*s", length,
                 symbol->name.at);
    } else if (is_standard_module(symbol->name) && !is_assigned) {
        snprintf(hint, sizeof hint, "a module is there after import %.*s", length, symbol->name.at);
    } else if (guess) {
        snprintf(hint, sizeof hint, "did you mean '%.*s'?", (int)guess->name.length,
                 guess->name.at);
    } else if (is_assigned) {
        snprintf(hint, sizeof hint, "a variable is declared with let: let %.*s = …",
                 (int)least(symbol->name.length, 100), symbol->name.at);
    } else {
        return NULL;
    }
    return tg_arena_copy(r->arena, hint, strlen(hint));
}

// `x is None`: what is asked for is no class.
static const char *after_is(const TgResolver *r, const TgNode *name, const char *habit) {
    const TgToken *tokens = r->tree->tokens.items;
    bool is_not = name->first > 1 && tokens[name->first - 1].kind == TOK_NOT;
    uint32_t before = name->first - 1 - is_not;
    if (!name->first || tokens[before].kind != TOK_IS || strcmp(habit, "write nil") != 0)
        return habit;
    return is_not ? "write x != nil" : "write x == nil";
}

// Right sides are looked at before left ones: what was said about the name moves to its first
// place.
static void move_report(TgResolver *r, const TgNode *name, const TgSymbol *symbol) {
    const TgToken *token = &r->tree->tokens.items[name->first];
    for (uint32_t i = 0; i < r->diags->count && i < TG_DIAG_LIMIT; i++) {
        TgDiag *item = &r->diags->items[i];
        bool is_kind = item->kind == DIAG_UNDECLARED || item->kind == DIAG_FOREIGN_WORD;
        TgText said = {r->diags->source->text + item->start, item->end - item->start};
        if (!is_kind || item->start <= token->start || !same_text(said, symbol->name)) continue;
        item->start = token->start;
        item->end = token->end;
    }
}

// Said once for each name: all further uses have the same cause.
static void undeclared(TgResolver *r, const TgNode *name, TgSymbol *symbol, bool is_assigned) {
    if (r->had_errors || symbol->is_reported || r->diags->count >= TG_DIAG_LIMIT) {
        if (!r->had_errors && !symbol->is_reported) r->diags->count++;
        if (!r->had_errors && symbol->is_reported) move_report(r, name, symbol);
        symbol->is_reported = true;
        return;
    }
    symbol->is_reported = true;
    const char *habit = tg_diag_habit(symbol->name.at, symbol->name.length);
    if (habit) {
        tg_diag_add_hint(r->diags, DIAG_FOREIGN_WORD, TG_PLACE(r, name->first),
                         after_is(r, name, habit), tg_resolver_string(r, name->name));
        return;
    }
    tg_diag_add_hint(r->diags, DIAG_UNDECLARED, TG_PLACE(r, name->first),
                     undeclared_hint(r, symbol, is_assigned), tg_resolver_string(r, name->name));
}

static void use_builtin(TgResolver *r, TgNode *name, TgSymbol *symbol, bool is_assigned) {
    if (!symbol->builtin) {
        symbol->builtin = tg_arena_alloc(r->arena, sizeof *symbol->builtin);
        *symbol->builtin =
            (TgBinding){.name = symbol->name, .kind = BIND_BUILTIN, .index = symbol->builtin_index};
    }
    name->binding = symbol->builtin;
    if (!is_assigned) return;
    const char *word = tg_resolver_string(r, name->name);
    tg_diag_add(r->diags, DIAG_ASSIGN_BUILTIN, TG_PLACE(r, name->first), word, word);
}

static void used_before(TgResolver *r, TgNode *name, const TgDecl *decl) {
    name->binding = decl->binding;
    tg_diag_add(r->diags, DIAG_USED_BEFORE, TG_PLACE(r, name->first),
                tg_resolver_string(r, name->name), tg_resolver_line(r, decl->binding->token));
}

void tg_resolver_use(TgResolver *r, TgNode *name, bool is_assigned) {
    // In a session it is the last result.
    if (name->name.length == 1 && name->name.at[0] == '_' && !r->names->is_session) {
        tg_diag_add(r->diags, DIAG_IGNORED_READ, TG_PLACE(r, name->first));
        return;
    }
    TgSymbol *symbol = tg_resolver_symbol(r, name->name);
    const TgDecl *begun = NULL;
    for (TgDecl *decl = symbol->decl; decl; decl = decl->shadowed) {
        bool is_own = decl->scope->frame == r->frame;
        if (is_own && decl->state == DECL_AHEAD) {
            used_before(r, name, decl);
            return;
        }
        if (decl->state == DECL_AHEAD) continue;
        // let x = x reads the x around, a function in an initializer sees the new one.
        if (is_own && decl->state == DECL_BEGUN) {
            begun = decl;
            continue;
        }
        name->binding = decl->binding;
        decl->binding->assigned |= is_assigned;
        decl->binding->captured_unset |= decl->state == DECL_BEGUN;
        if (decl->binding->kind == BIND_LOCAL) tg_resolver_capture(r, decl->binding);
        return;
    }
    if (symbol->is_builtin)
        use_builtin(r, name, symbol, is_assigned);
    else if (begun)
        used_before(r, name, begun);
    else
        undeclared(r, name, symbol, is_assigned);
}
