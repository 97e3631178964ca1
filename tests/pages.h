// tests/pages.h
// The pages of `tg explain` for the suites that run their examples.
// Layer: tests.
#ifndef TG_TESTS_PAGES_H
#define TG_TESTS_PAGES_H

#include "lang/cli/explain.h"
#include "tests/support.h"

// The text of an example with its ⟨FF⟩ and ⟨3 × x#, ⟩ written out.
void page_expand(TgPageText text, Bytes *out);

#endif
