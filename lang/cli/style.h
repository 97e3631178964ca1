// lang/cli/style.h
// The few colours of the REPL: one meaning each, the same in what is typed and in what is shown.
// Layer: command, bottom.
#ifndef TG_LANG_CLI_STYLE_H
#define TG_LANG_CLI_STYLE_H

typedef enum {
    STYLE_PLAIN,
    STYLE_KEYWORD,
    STYLE_STRING,
    STYLE_NUMBER,
    STYLE_CONSTANT, // nil, true, false
    STYLE_KIND,     // functions, classes, tasks: what has no literal
    STYLE_FAINT,    // comments, what was left out
    STYLE_PROMPT,
    STYLE_PAIR,     // the bracket at the cursor and its partner
    STYLE_COUNT
} TgStyle;

// What a terminal is sent to begin a style (after STYLE_END), and to end it.
#define STYLE_END "\x1b[0m"
static inline const char *tg_style_begin(TgStyle style) {
    static const char *const codes[STYLE_COUNT] = {
        "", "\x1b[1;34m", "\x1b[32m", "\x1b[36m", "\x1b[35m", "\x1b[33m", "\x1b[2m", "\x1b[1;35m", "\x1b[1;4m",
    };
    return codes[style];
}

#endif
