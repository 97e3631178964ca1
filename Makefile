# tg: how it is built, tested and installed. `make help` lists the targets.
#
# Every flavour (release, pgo, debug, test, asan) has its objects under build/<flavour>, so they never
# clash; a change of compiler or flags rebuilds what it touches. Sources are found by wildcard:
# a new .c file in lang/, lang/cli/, vm/, stdlib/ or tests/test_*.c needs no line here.

FLAVOUR ?= release
BUILD := build/$(FLAVOUR)
PREFIX ?= /usr/local
READLINE ?= yes

ifeq ($(origin CC),default)
CC := gcc
endif

# ---- flags ---------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wpedantic -Werror
# Position independent code costs the loop an instruction a dispatch.
# That (5 % of its instructions) is why PIE=yes has to be asked for; the rest of what makes errors in C harder to exploit is on.
PIE ?= no
FLAGS_release := -O2 -DNDEBUG $(if $(filter yes,$(PIE)),-fpie,-fno-pie) -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
LINK_release := $(if $(filter yes,$(PIE)),-pie,-no-pie) -Wl,-z,relro,-z,now
# First with PROFILE=make, to count what runs how often; then with what was counted.
FLAGS_pgo := $(FLAGS_release) $(if $(filter make,$(PROFILE)),-fprofile-generate,-fprofile-use -fprofile-partial-training -Wno-missing-profile)
LINK_pgo := $(LINK_release)
FLAGS_debug := -O0 -g3
FLAGS_test := -O1 -g
FLAGS_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
# For libFuzzer, with clang.
FLAGS_fuzz := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
ifeq ($(FLAGS_$(FLAVOUR)),)
$(error no such flavour: $(FLAVOUR))
endif

VERSION := $(shell cat VERSION)

# The libraries are linked in where their archives are installed: to load and bind four shared ones would be a third
# of a short script's time. STATIC=no for a distribution, which wants to mend them once for all.
STATIC ?= yes
archive = $(filter /%,$(foreach name,$1,$(shell $(CC) -print-file-name=lib$(name).a)))
either = $(if $(filter yes,$(STATIC)),$(or $(call archive,$1),$2),$2)
PKG_CFLAGS := $(shell pkg-config --cflags libuv 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs libuv 2>/dev/null || echo -luv)
LIBS := $(call either,uv_a,$(PKG_LIBS)) $(call either,gmp,-lgmp) $(call either,pcre2-8,-lpcre2-8) $(call either,nettle,-lnettle) \
	$(call either,http_parser,-lhttp_parser) -lpthread -ldl -lrt -lm
ifeq ($(READLINE),no)
DEFINES := -DTG_NO_READLINE
WITHOUT := lang/cli/line_readline.c
else
# Its archive needs the terminal's, which the shared one brings along.
LIBS += $(if $(call archive,tinfo),$(call either,readline tinfo,-lreadline),-lreadline)
WITHOUT := lang/cli/line_plain.c
endif

# EXTRA is for the caller: make EXTRA=-march=native. OWN is what a single file needs.
OWN :=
COMPILE = $(CC) -std=gnu17 -D_GNU_SOURCE= -I. -iquote build $(PKG_CFLAGS) $(WARNINGS) -fno-strict-aliasing \
	$(FLAGS_$(FLAVOUR)) $(DEFINES) $(OWN) $(EXTRA) -MMD -MP
LINK = $(CC) $(FLAGS_$(FLAVOUR)) $(LINK_$(FLAVOUR)) $(EXTRA)

# make V=1 shows whole commands.
ifeq ($(V),)
QUIET := @
SAY := @printf '  %s %s\n'
else
SAY := @:
endif

# ---- what is built of what -----------------------------------------------------------------------

SOURCES := $(filter-out $(WITHOUT),$(sort $(wildcard lang/*.c lang/cli/*.c vm/*.c stdlib/*.c)))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
MAIN := $(BUILD)/lang/cli/main.o
# A library, so that a suite links with the parts it uses and no more.
LIBRARY := $(BUILD)/libtg.a
SUITE_HELP := $(BUILD)/tests/support.o $(BUILD)/tests/wanted.o $(BUILD)/tests/folder.o $(BUILD)/tests/terminal.o $(BUILD)/tests/pages.o $(BUILD)/tests/screen.o \
	$(BUILD)/tests/session.o $(BUILD)/tests/fuzz/fuzz.o $(BUILD)/tests/fuzz/grammar.o
SUITES := $(patsubst tests/%.c,%,$(sort $(wildcard tests/test_*.c)))
SUITE_OBJECTS := $(SUITES:%=$(BUILD)/tests/%.o)
HALVES := $(patsubst stdlib/%.tg,build/%.inc,$(wildcard stdlib/*.tg))
TEXTS := $(HALVES) build/explain.inc build/trace_page.inc build/trace_script.inc

.PHONY: all debug pgo test asan suites conform run-tests format lint reference golden model bench bench-tasks bench-http bench-count soak oom fuzz install clean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:

all: tg

# The command at the root is always the release.
ifeq ($(FLAVOUR),release)
tg: $(BUILD)/tg
	cp $< $@.new && mv $@.new $@
else
tg: FORCE
	$(MAKE) FLAVOUR=release tg
endif

$(BUILD)/tg: $(MAIN) $(LIBRARY)
	$(SAY) LD $@
	$(QUIET)$(LINK) -o $@ $^ $(LIBS)

$(LIBRARY): $(filter-out $(MAIN),$(OBJECTS)) $(BUILD)/sources
	@rm -f $@
	$(QUIET)ar rcs $@ $(filter %.o,$^)

$(BUILD)/%.o: %.c $(BUILD)/flags | $(TEXTS)
	@mkdir -p $(@D)
	$(SAY) CC $@
	$(QUIET)$(COMPILE) -c -o $@ $<

# The loop jumps to labels by address, a GNU extension. With gcc two passes undo that (one jump for all), and three keep values from
# handler to handler that then take the registers of the loop's own (5 % of fib's instructions).
$(BUILD)/vm/loop.o: private OWN := -Wno-pedantic
$(BUILD)/vm/loop_observed.o: private OWN := -Wno-pedantic
ifeq ($(shell $(CC) --version 2>/dev/null | grep -ci clang),0)
$(BUILD)/vm/loop.o: private OWN := -Wno-pedantic -fno-gcse -fno-crossjumping -fno-tree-vectorize \
  -fno-tree-pre -fno-code-hoisting -fno-cse-follow-jumps
endif
# The rooms that every instruction goes through have no arrays for texts; guarding their stacks cost 1 % (calls) to 6 % (exceptions).
UNGUARDED := api block call channel field index life loop map ops sched string sync tasklib timers unwind
$(UNGUARDED:%=$(BUILD)/vm/%.o): private OWN += -fno-stack-protector
$(BUILD)/lang/cli/main.o: private OWN := -DTG_VERSION='"$(VERSION)"'
$(BUILD)/lang/cli/main.o: VERSION
# Criterion's macros are not pedantic, and tg code in strings holds ??=.
$(BUILD)/tests/%.o: private OWN := -Wno-pedantic -Wno-trigraphs

# Rewritten only when they change: a new flag rebuilds all, a removed source rebuilds the library.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(COMPILE)' | cmp -s - $@ || echo '$(CC) $(COMPILE)' > $@
$(BUILD)/sources: FORCE
	@mkdir -p $(@D)
	@echo '$(SOURCES)' | cmp -s - $@ || echo '$(SOURCES)' > $@

# Texts that are built in, as C arrays (char constants: no byte is out of range).
$(HALVES): build/%.inc: stdlib/%.tg
build/explain.inc: lang/cli/explain.md
build/trace_page.inc: lang/cli/trace_page.html
build/trace_script.inc: lang/cli/trace_script.js
$(TEXTS):
	@mkdir -p $(@D)
	$(QUIET){ echo 'static const char $(notdir $(basename $@))_text[] = {'; \
	  od -An -v -tx1 $< | sed "s/ \([0-9a-f][0-9a-f]\)/'\\\\x\1',/g"; \
	  echo '0};'; } > $@.new && mv $@.new $@

# ---- tests ---------------------------------------------------------------------------------------

debug:
	$(MAKE) FLAVOUR=debug build/debug/tg

$(BUILD)/suites: $(SUITE_OBJECTS) $(SUITE_HELP) $(LIBRARY)
	$(SAY) LD $@
	$(QUIET)$(LINK) -o $@ $^ $(LIBS) -lcriterion -lutil

# One suite on its own: make FLAVOUR=test build/test/test_reactor
$(BUILD)/test_%: $(BUILD)/tests/test_%.o $(SUITE_HELP) $(LIBRARY)
	$(SAY) LD $@
	$(QUIET)$(LINK) -o $@ $^ $(LIBS) -lcriterion -lutil

# The fuzzer of every target: FUZZ_TARGET=json build/fuzz/fuzz
FUZZERS := $(patsubst %,$(BUILD)/tests/fuzz/%.o,drive fuzz grammar)
$(BUILD)/tests/fuzz/fuzz.o: private OWN := -Wno-pedantic -DFUZZ_FOLDER='"tests/fuzz"'
$(BUILD)/fuzz: $(FUZZERS) $(LIBRARY)
	$(SAY) LD $@
	$(QUIET)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# Scripts from the shell: build/test/conform --gc-stress tests/conformance/nursery
$(BUILD)/conform: $(BUILD)/tests/conform.o $(BUILD)/tests/support.o $(BUILD)/tests/wanted.o
	$(SAY) LD $@
	$(QUIET)$(LINK) -o $@ $^

# A tg of which any allocation can be made to fail (tests/oom/).
FAILING := malloc calloc realloc aligned_alloc mmap strdup strndup
$(BUILD)/tg-oom: $(MAIN) $(LIBRARY) $(BUILD)/tests/oom/fail.o
	$(SAY) LD $@
	$(QUIET)$(LINK) $(FAILING:%=-Wl,--wrap=%) -o $@ $^ $(LIBS)

# docs/reference.md is made of its template and what help() knows.
$(BUILD)/reference: $(BUILD)/tests/reference.o $(LIBRARY)
	$(QUIET)$(LINK) -o $@ $^ $(LIBS)

reference: $(BUILD)/reference
	$(BUILD)/reference docs/reference.md.in > build/reference.md && mv build/reference.md docs/reference.md

suites: $(BUILD)/tg $(BUILD)/suites $(BUILD)/conform $(BUILD)/reference
conform:
	$(MAKE) FLAVOUR=test build/test/tg build/test/conform

# Leaks inside of the suites' own processes are Criterion's; the tg they start looks for its own.
# `tail` shows the end of the report once more, so that the last line says how it went.
run-tests: suites
	@ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 TG_BINARY=$(BUILD)/tg \
	  $(BUILD)/suites -j2 --timeout 900 $(ARGS) > $(BUILD)/report 2>&1; status=$$?; \
	  cat $(BUILD)/report; grep -a 'Synthesis' $(BUILD)/report > $(BUILD)/synthesis; \
	  test $$status = 0 && test -s $(BUILD)/synthesis

test:
	@$(MAKE) --no-print-directory FLAVOUR=test run-tests

# Writes what the goldens are compared with: read the difference before it is committed.
golden:
	@TG_GOLDEN=write $(MAKE) --no-print-directory FLAVOUR=test run-tests ARGS='--filter golden/*'

asan:
	@TG_TEST_TIMEOUT=60 $(MAKE) --no-print-directory FLAVOUR=asan run-tests

# ---- the rest ------------------------------------------------------------------------------------

ALL_TEXTS := $(wildcard lang/*.[ch] lang/cli/*.[ch] vm/*.[ch] stdlib/*.[ch] tests/*.[ch])

format:
	clang-format -i $(ALL_TEXTS)

lint: $(BUILD)/reference
	CC='$(CC)' tests/lint/layers.sh
	bash tests/lint/reference.sh $(BUILD)/reference
	if command -v python3 > /dev/null; then python3 tests/meetings/generate.py --check; fi

# Little programs made at random, run here and in an independent model of the language (tests/model/): make model N=20000
N ?= 1000
PRESSES ?= 0
model: tg
	python3 tests/model/run.py $(N) --presses $(PRESSES) --tg ./tg

# tg against the interpreters that are installed, and against its own baseline (tests/bench/README.md).
bench: tg
	@python3 tests/bench/run.py $(ARGS)
bench-tasks: tg
	@python3 tests/bench/tasks.py $(ARGS)
bench-http: tg
	@python3 tests/bench/http/run.py $(ARGS)
bench-count: tg
	@python3 tests/bench/count.py $(if $(ACCEPT),--accept) $(ARGS)

# Each allocation fails once, alone and with all that follow: make oom ARGS=--every=10 for a tenth of them.
oom:
	@$(MAKE) --no-print-directory FLAVOUR=test build/test/tg-oom
	python3 tests/oom/run.py build/test/tg-oom $(ARGS)

# Guests of every kind at a server, for so long; nothing may be left of them.
MINUTES ?= 1
soak: tg
	@tests/soak/run.sh $(MINUTES)

# Bytes made up for each target, so many seconds for each (tests/fuzz/README.md): make fuzz, make fuzz TARGETS=json SECONDS=3600
TARGETS ?=
SECONDS ?= 60
fuzz:
	$(MAKE) CC=clang FLAVOUR=fuzz build/fuzz/fuzz
	@tests/fuzz/run.sh $(SECONDS) $(TARGETS)

# A release that gcc laid out by what the programs of the benchmark ran (tests/bench/README.md says what it brings).
TRAIN = while read -r name full count tiny; do \
	  case $$name in ''|'\#') continue;; esac; $1 tests/bench/$$name/$$name.tg $$count > /dev/null || exit 1; \
	done < tests/bench/sizes.txt
pgo:
	@! $(CC) --version | grep -qi clang || { echo 'make pgo: needs gcc, CC is $(CC)' >&2; false; }
	$(MAKE) FLAVOUR=pgo PROFILE=make build/pgo/tg
	find build/pgo -name '*.gcda' -delete
	@echo '  RUN the benchmark, to count'
	@$(call TRAIN,build/pgo/tg)
	$(MAKE) FLAVOUR=pgo build/pgo/tg
	@echo 'build/pgo/tg is made: make install TG=build/pgo/tg'

TG ?= tg
install: $(TG)
	install -D -m 755 $(TG) $(DESTDIR)$(PREFIX)/bin/tg
	install -D -m 644 README.md $(DESTDIR)$(PREFIX)/share/doc/tg/README.md
	install -D -m 644 LICENSE $(DESTDIR)$(PREFIX)/share/doc/tg/LICENSE

clean:
	rm -rf build tg

help:
	@echo 'make                release build: ./tg'
	@echo 'make pgo            build/pgo/tg: a release made faster by what the benchmark runs (gcc); make install TG=build/pgo/tg'
	@echo 'make test           all tests (conformance scripts and suites), with asserts'
	@echo 'make asan           the same under AddressSanitizer, UBSan and LeakSanitizer'
	@echo 'make golden         write the expected messages of tests/golden/ anew'
	@echo 'make lint           layers, headers, cppcheck'
	@echo 'make reference      docs/reference.md, from its template and the tables of the library'
	@echo 'make model N=1000   random little programs, compared with an independent model (python3); PRESSES=2: with Ctrl-C at their boundaries'
	@echo 'make bench          speed against other interpreters; bench-count: instructions against the baseline (ACCEPT=1: the new one)'
	@echo 'make bench-tasks    what tasks cost, against Go, JavaScript, asyncio and trio'
	@echo 'make bench-http     what a request costs the server of http, beside Node and Go, asked by wrk'
	@echo 'make soak MINUTES=1 guests that vanish, babble and never end at a server: no task, descriptor or memory may be left'
	@echo 'make fuzz SECONDS=60 bytes made up for every reader of tg, so long each (clang); TARGETS="json run": these'
	@echo 'make oom            each allocation of some scripts fails, alone and with all that follow: said, never a crash (ARGS=--every=10: a tenth of them)'
	@echo 'make conform        build/test/conform, the runner of scripts: conform [-v] [--flags] path...'
	@echo 'make debug          build/debug/tg, unoptimised'
	@echo 'make format         clang-format over all sources'
	@echo 'make install        to PREFIX=$(PREFIX), below DESTDIR'
	@echo 'make clean          remove what was built'
	@echo 'Options: CC=clang READLINE=no STATIC=no PIE=yes V=1 EXTRA=flags ARGS="--filter suite/test" (of test, asan and bench)'

-include $(OBJECTS:.o=.d) $(SUITE_OBJECTS:.o=.d) $(SUITE_HELP:.o=.d) $(BUILD)/tests/conform.d $(BUILD)/tests/reference.d
