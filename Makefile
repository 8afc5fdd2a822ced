# SPDX-License-Identifier: EUPL-1.2
# Build, test and check the node.  `make help` lists the targets.

BUILD   ?= build
CC      ?= cc
CFLAGS  ?= -O2 -g
PREFIX  ?= /usr/local
SEEDS   ?= 1000
HOURS   ?= 8
PKG_CONFIG ?= pkg-config

pkg = $(shell $(PKG_CONFIG) $1 $2 2>/dev/null)
sys = $(patsubst -I%,-isystem %,$(call pkg,--cflags,$1))

PROTO_PKG := libsodium libzstd
NODE_PKG  := libczmq libzmq lmdb libmicrohttpd jansson libsystemd
TOOLS_PKG := jansson libcurl libxml-2.0

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Wundef \
        -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wpointer-arith \
        -Wwrite-strings -Wswitch-enum -Wformat=2 -Wimplicit-fallthrough
HARD := -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -D_FORTIFY_SOURCE=2 -fno-common -fPIE
LDHARD := -pie -Wl,-z,relro,-z,now
ifneq ($(SAN),)
HARD := -fno-common
LDHARD :=
endif
BASE  = -std=c17 $(WARN) $(HARD) $(CFLAGS) $(SAN) -MMD -MP

ifneq ($(WERROR),0)
BASE += -Werror
endif

# What each folder may see: proto only libc, libsodium and zstd; node and tools never see proto's inside.
POSIX     := -D_GNU_SOURCE
proto_CPP := -Iinclude -Iproto $(call sys,$(PROTO_PKG))
node_CPP  := $(POSIX) -Iinclude -Inode $(call sys,$(PROTO_PKG) $(NODE_PKG))
tools_CPP := $(POSIX) -Iinclude -Inode -Itools $(call sys,$(PROTO_PKG) $(NODE_PKG) $(TOOLS_PKG))
tests_CPP := $(tools_CPP) -Iproto -Itests
PROTO_LIBS = $(call pkg,--libs,$(PROTO_PKG))
NODE_LIBS  = $(call pkg,--libs,$(NODE_PKG)) $(PROTO_LIBS) -pthread
TOOLS_LIBS = $(call pkg,--libs,$(TOOLS_PKG)) $(NODE_LIBS)

srcs = $(sort $(foreach d,$1,$(wildcard $d/*.c $d/*/*.c)))
objs = $(patsubst %.c,$(BUILD)/%.o,$1)

PROTO_O  := $(call objs,$(call srcs,proto))
NODE_O   := $(call objs,$(filter-out node/main.c,$(call srcs,node)))
HOME_O   := $(call objs,$(call srcs,node/home) node/json/keyring_text.c node/json/text.c node/json/rfc3339.c node/json/kind_text.c)
SITREP_O := $(call objs,$(call srcs,tools/sitrep))
CLIENT_O := $(filter-out $(BUILD)/tools/sitrep/main.o,$(SITREP_O))
TRAINER_O := $(call objs,$(call srcs,tools/dictionary))
BENCH_O  := $(call objs,$(call srcs,tools/bench))
SIM_O    := $(call objs,$(call srcs,tests/sim))
WIRE_O   := $(call objs,$(call srcs,tests/wire) tests/sim/random.c)
UNIT     := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
FUZZ     := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

ifneq ($(V),1)
say = @printf '  %-5s %s\n' $1 $(patsubst $(BUILD)/%,%,$@);
endif

.PHONY: all help demo test test-long checks built interop e2e soak bench dictionary
.DELETE_ON_ERROR:
.SECONDARY:

all: $(BUILD)/sitrepd $(BUILD)/sitrep  ## build the node (sitrepd) and the command line (sitrep)

# The two commands of the README. Both install what the machine lacks first, and then read this file anew.
demo:  ## the main job: four nodes on this machine, a cut and a healing; DEMO_ONCE=1 ends by itself
	@tools/packaging/install-deps.sh
	@$(MAKE) --no-print-directory all
	@tools/demo/demo.sh $(BUILD)

test:  ## pass every check; at most 12 minutes on 2 cores
	@tools/packaging/install-deps.sh tests
	@$(MAKE) --no-print-directory checks

help:  ## list the targets
	@awk -F':.*##' '/^[a-z0-9%-]+:.*##/ { printf "  %-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BUILD)/libsitrep.a: $(PROTO_O)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/libnode.a: $(NODE_O)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/libclient.a: $(CLIENT_O) $(HOME_O)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^

LIBS := $(BUILD)/libnode.a $(BUILD)/libsitrep.a

$(BUILD)/sitrepd: $(BUILD)/node/main.o $(LIBS)
	$(call say,LD)$(CC) $(BASE) $(LDHARD) -o $@ $^ $(NODE_LIBS)
$(BUILD)/sitrep: $(BUILD)/tools/sitrep/main.o $(BUILD)/libclient.a $(BUILD)/libsitrep.a
	$(call say,LD)$(CC) $(BASE) $(LDHARD) -o $@ $^ $(TOOLS_LIBS)
$(BUILD)/sitrep-bench: $(BENCH_O) $(LIBS)
	$(call say,LD)$(CC) $(BASE) $(LDHARD) -o $@ $^ $(TOOLS_LIBS)
$(BUILD)/dictionary: $(TRAINER_O) $(BUILD)/libsitrep.a
	$(call say,LD)$(CC) $(BASE) $(LDHARD) -o $@ $^ $(PROTO_LIBS)
$(BUILD)/sitrep-sim: $(SIM_O) $(BUILD)/libsitrep.a
	$(call say,LD)$(CC) $(BASE) -o $@ $^ $(PROTO_LIBS)
$(BUILD)/sitrep-wire: $(WIRE_O)
	$(call say,LD)$(CC) $(BASE) -o $@ $^
$(BUILD)/tests/unit/test_wire: $(filter-out %/main.o,$(WIRE_O))
$(patsubst %,$(BUILD)/tests/unit/test_%,api_events api_late_events picture_hiding picture_vectors sums_vectors): $(BUILD)/tests/sim/random.o
$(UNIT): %: %.o $(BUILD)/libclient.a $(LIBS)
	$(call say,LD)$(CC) $(BASE) -o $@ $^ $(TOOLS_LIBS) -lcmocka

define compile
$(BUILD)/$1/%.o: $1/%.c
	@mkdir -p $$(@D)
	$$(call say,CC)$$(CC) $$(BASE) $$($1_CPP) -c -o $$@ $$<
endef
$(foreach d,proto node tests tools,$(eval $(call compile,$d)))

# -- checks ----------------------------------------------------------------------------------------

.PHONY: check check-san unit sim layers fuzz-replay fmt fmt-check lint clean install

unit: $(UNIT)  ## run the unit tests
	@fail=0; for t in $(UNIT); do $$t >$$t.log 2>&1 && printf '  ok    %s\n' $${t##*/} || { cat $$t.log; echo "FAIL $$t"; fail=1; }; done; exit $$fail

sim: $(BUILD)/sitrep-sim  ## run the simulation, SEEDS=1000 and HOURS=8 of one line
	@tests/sim/mutants.sh -n
	$(BUILD)/sitrep-sim --seeds $(SEEDS)
	$(BUILD)/sitrep-sim --soak $(HOURS)

check: unit sim layers fuzz-replay  ## run unit tests, simulation and saved fuzz inputs

# Written anew only with another compression number [4.9]; the bytes are those of zstd 1.5.4.
PHRASES := $(foreach f,nl fr de en bodies,tools/dictionary/$f.txt)
dictionary: $(BUILD)/dictionary  ## train the dictionary of bodies again, from its phrases
	@$< $(PHRASES) >$(BUILD)/dictionary.c && mv $(BUILD)/dictionary.c proto/trust/dictionary.c

interop: all  ## check bytes with code that shares nothing with ours
	@tests/interop/run.sh $(BUILD)

e2e: all $(BUILD)/sitrep-wire  ## run real processes end to end
	@BUILD=$(BUILD) tests/e2e/run.sh

soak: all $(BUILD)/sitrep-wire  ## two nodes on a satellite line that comes and goes, MINUTES=60
	@BUILD=$(BUILD) MINUTES=$(or $(MINUTES),60) tests/e2e/soak.sh

built: all $(UNIT) $(BUILD)/sitrep-sim $(BUILD)/sitrep-wire $(BUILD)/dictionary $(FUZZ:%=$(BUILD)/fuzz/%-replay)
checks: fmt-check
	@$(MAKE) --no-print-directory -j2 built
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory interop
	@$(MAKE) --no-print-directory e2e
	@$(MAKE) --no-print-directory check-san
	@echo "every check passed"

mutants:  ## break the engine on purpose and see the simulation notice
	@tests/sim/mutants.sh

test-long: test mutants  ## what takes longer: more seeds, more kills, more flips, races
	$(MAKE) sim SEEDS=10000 HOURS=168
	KILLS=200 FLIPS=200 BUILD=$(BUILD) tests/e2e/run.sh -l
	tests/e2e/tsan.sh

bench: all $(BUILD)/sitrep-bench $(BUILD)/sitrep-wire  ## measure the budgets, with their floors, into BUILD/bench.json; PARTS='api many' only some
	@$(BUILD)/sitrep-bench $(BUILD) $(PARTS)

SAN_SEEDS ?= 100
SANITIZED := CFLAGS='-O1 -g -fno-omit-frame-pointer' SAN='-fsanitize=address,undefined -fno-sanitize-recover=all'
check-san:  ## run the same under ASan and UBSan, SAN_SEEDS=100
	@$(MAKE) --no-print-directory -j2 BUILD=$(BUILD)/san $(SANITIZED) built
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/san $(SANITIZED) SEEDS=$(SAN_SEEDS) check

# Symbols the pure core must never need: sockets, files, clocks, stores, threads, hidden randomness.
IMPURE := zmq_.*|z(sock|msg|frame|loop|poller|actor|sys)_.*|mdb_.*|randombytes.*|pthread_.*|socket|recv.*|send.*|connect|bind
IMPURE := $(IMPURE)|f?open(at)?|f?printf|f?read|f?write|puts|stat|syslog|clock_gettime|time|gettimeofday|getenv|exit|rand.*

layers: $(BUILD)/libsitrep.a  ## prove that proto/ needs no socket, file, clock, store, thread or hidden randomness
	@! nm -u $< | grep -E '^ +U ($(IMPURE))$$'

$(FUZZ:%=$(BUILD)/fuzz/%-replay): $(BUILD)/fuzz/%-replay: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o $(BUILD)/libclient.a $(LIBS)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(BASE) -o $@ $^ $(TOOLS_LIBS)

fuzz-replay: $(FUZZ:%=$(BUILD)/fuzz/%-replay)  ## replay every saved fuzz input
	@for f in $(FUZZ); do $(BUILD)/fuzz/$$f-replay tests/fuzz/corpus/$$f || exit 1; done

fuzz-%:  ## fuzz one target with libFuzzer, e.g. fuzz-cbor SECS=60
	@mkdir -p $(BUILD)/fuzz $(BUILD)/corpus/$*
	clang -std=c17 -g -O1 -fsanitize=fuzzer,address,undefined $(tests_CPP) \
	    -o $(BUILD)/fuzz/$* tests/fuzz/fuzz_$*.c $(call srcs,proto) $(shell sed -n 's|^// needs: ||p' tests/fuzz/fuzz_$*.c 2>/dev/null) $(TOOLS_LIBS)
	$(BUILD)/fuzz/$* -max_total_time=$(or $(SECS),60) -timeout=5 -rss_limit_mb=1024 $(BUILD)/corpus/$* tests/fuzz/corpus/$*

SRC := $(sort $(wildcard include/*/*.h) $(foreach d,proto node tests tools,$(wildcard $d/*.[ch] $d/*/*.[ch] $d/*/*/*.[ch])))
fmt:  ## format all sources in place
	clang-format -i $(SRC)
fmt-check:  ## fail when a source is not formatted
	@clang-format --dry-run -Werror $(SRC)
# One file a run: clang-tidy's va_list check mistakes a second file for a continuation of the first.
tidy = @printf '%s\n' $(filter $1/%.c,$(SRC)) | xargs -P2 -n1 sh -c 'clang-tidy --quiet --warnings-as-errors="*" "$$@" -- -std=c17 $($1_CPP) 2>/dev/null' sh
lint:  ## run clang-tidy on the sources
	$(call tidy,proto)
	$(call tidy,node)
	$(call tidy,tools)

install: all  ## install sitrepd and sitrep under PREFIX
	install -D -m 0755 $(BUILD)/sitrepd $(DESTDIR)$(PREFIX)/bin/sitrepd
	install -D -m 0755 $(BUILD)/sitrep $(DESTDIR)$(PREFIX)/bin/sitrep

clean:  ## remove what was built
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
