// vm/loop_observed.c
// The loop once more, one that shows each instruction to explore_touch.c before it runs. A second one, so that the first pays nothing.
// Layer: runtime, top.
#define TG_LOOP_OBSERVED
#include "vm/loop.c"
