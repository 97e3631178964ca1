// lang/parse_bare.c
// Blocks without braces: by ':' and indentation as in Python, by `then … end` as in Lua, or with a
// '{' forgotten.
//
// They are reported once in a file and then read as blocks, which end where their lines are no
// longer indented more deeply than the line that began them. Layer: front end, private to the
// parser.
#include "lang/parser_impl.h"

static bool is_block_word(const TgParser *p, uint32_t token) {
    static const char *const words[] = {"then", "do", "begin", NULL};
    return tg_parser_is_one_of(p, token, words);
}

static bool is_end_word(const TgParser *p, uint32_t token) {
    static const char *const words[] = {"end",   "elif", "elsif", "elseif",
                                        "endif", "done", "fi",    NULL};
    return tg_parser_is_one_of(p, token, words);
}

bool tg_parser_at_bare_end(const TgParser *p) {
    if (!p->is_bare) return false;
    const TgToken *token = &p->tokens[p->at];
    if (is_end_word(p, p->at) || token->kind == TOK_ELSE) return true;
    return token->line_start && tg_parser_indent(p, p->at) <= p->bare_indent;
}

// The header's last line ends in ':' (also where an error in it has been reported), or has a word
// for '{'.
bool tg_parser_reach_bare(TgParser *p) {
    if (p->stopped || p->at == 0 || p->tokens[p->at].kind == TOK_END) return false;
    uint32_t at = p->at;
    if (p->panic) {
        while (p->tokens[at].kind != TOK_END && (at == p->at || !p->tokens[at].line_start)) at++;
        if (p->tokens[at - 1].kind == TOK_COLON) at--;
    }
    bool is_sign = p->tokens[at].kind == TOK_COLON || is_block_word(p, at);
    uint32_t body = is_sign ? at + 1 : at;
    if (p->tokens[body].kind == TOK_END || p->tokens[body].kind == TOK_LBRACE) return false;
    bool is_below =
        p->tokens[body].line_start && tg_parser_indent(p, body) > tg_parser_indent(p, at - 1);
    bool is_begun = is_sign || (p->colon_said && p->tokens[body].kind == TOK_RETURN);
    bool is_beside = is_begun && !p->tokens[body].line_start && !p->panic;
    if (!is_below && !is_beside) return false;
    p->at = at;
    tg_parser_skip_newline(p);
    return true;
}

// "write if x == 3 { … }" from the header that ends before the current token.
const char *tg_parser_braces_hint(const TgParser *p) {
    uint32_t first = p->at - 1;
    while (first > 0 && !p->tokens[first].line_start && p->tokens[first].kind != TOK_RBRACE)
        first--;
    if (p->tokens[first].kind == TOK_RBRACE) first++;
    if (tg_diags_any_from(p->diags, p->tokens[first].start)) return NULL; // no header to quote
    const char *header = tg_parser_source(p, first, p->at - 1, "if x");
    return tg_parser_format(p, "a block stands in braces: %s { … }", header);
}

// `end` of Lua and Ruby, or the '}' of a block that has it but no '{'.
static void skip_own_end(TgParser *p, uint32_t indent) {
    static const char *const words[] = {"end", "endif", "done", "fi", NULL};
    const TgToken *token = &p->tokens[p->at];
    bool is_brace = token->kind == TOK_RBRACE && token->line_start &&
                    tg_parser_indent(p, p->at) == indent && p->brace_indent < (int64_t)indent;
    if (is_brace || tg_parser_is_one_of(p, p->at, words)) p->at++;
}

TgNode *tg_parse_bare_block(TgParser *p) {
    TgNode *node = tg_parser_node(p, NODE_BLOCK, p->at);
    bool is_sign = p->kind == TOK_COLON || p->kind == TOK_NAME;
    bool is_line = p->tokens[p->at].line_start || !is_sign;
    if (!p->colon_said && !p->panic && tg_parser_objects(p)) {
        const TgToken *before = &p->tokens[p->at - 1];
        uint32_t start = is_line ? before->end : p->tokens[p->at].start;
        tg_diag_add_hint(p->diags, DIAG_EXPECTED_BLOCK, start,
                         is_line ? start : p->tokens[p->at].end, tg_parser_braces_hint(p),
                         is_line ? "the end of the line" : tg_parser_found(p));
    }
    p->panic = false;
    p->colon_said = true;
    if (!tg_parser_enter(p)) return node;
    bool was_bare = p->is_bare;
    uint32_t outer_indent = p->bare_indent;
    TgParseMode outer = p->mode;
    p->bare_indent = tg_parser_indent(p, p->at - 1);
    p->is_bare = true;
    p->mode = (TgParseMode){.newlines = true};
    if (!is_line) tg_parser_advance(p);
    tg_parse_bare_statements(p, node);
    skip_own_end(p, p->bare_indent);
    p->is_bare = was_bare;
    p->bare_indent = outer_indent;
    p->mode = outer;
    tg_parser_refresh(p);
    tg_parser_leave(p);
    return tg_parser_finish(p, node);
}
