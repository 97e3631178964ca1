// tests/wanted.h
// What a script says in its comments of how it is to be run and of what it prints (tests/conformance/FORMAT.md).
//
// Layer: tests.
#ifndef TG_TESTS_WANTED_H
#define TG_TESTS_WANTED_H

#include "tests/support.h"

// A piece of a text that somebody else keeps.
typedef struct {
    const char *at;
    size_t length;
} Slice;

typedef struct {
    Slice *items;
    size_t count;
} Slices;

typedef struct {
    int signal;
    Slice line;   // sent once stdout has this line …
    double delay; // … or so long after the one before (line.at is NULL)
} Send;

typedef struct {
    Slices out, err, args, flags;
    Bytes input;
    int exit_status, dies;
    bool real_time, has_expectation;
    unsigned modes; // those it is for, bits of MODE_PLAIN …; 0: all
    Send sends[16];
    size_t send_count;
    char problem[200]; // a directive that makes no sense
} Wanted;

// Modes of the runner, by the flags of tg that make them.
enum { MODE_PLAIN = 1, MODE_SLICE = 2, MODE_GC_STRESS = 4, MODE_ONCE = 8 };

// Of a script's text, which has to outlive it. What makes no sense is told in `problem`. Free it in any case.
void parse_wanted(Wanted *wanted, const Bytes *script);
void wanted_free(Wanted *wanted);

// Takes the next line, without its newline, off the front. False: there is none.
bool next_line(Slice *rest, Slice *line);
bool slice_equal(Slice a, Slice b);

#endif
