# Every target works from a fresh clone: what it needs is installed and built first.
.PHONY: help run test check check-model sim sim-mutants bench bench-handoff bench-repair gossip detect fmt build demo clean overload chaos
.DEFAULT_GOAL := build

bin := node_modules/.bin
protos := $(shell find proto -name '*.proto')
sources := $(shell find src -name '*.ts' -not -path 'src/gen/*')
sim_sources := $(shell find test/sim test/support -name '*.ts')
bench_sources := $(shell find bench -name '*.ts')
chaos_sources := $(shell find test/chaos test/detect test/processes/support -name '*.ts' -not -name '*.test.ts')
public_protos := shoal/v1/kv.proto shoal/v1/cluster.proto grpc/health/v1/health.proto google/rpc/status.proto google/rpc/error_details.proto
typed_protos := shoal/v1/kv.proto shoal/v1/cluster.proto shoal/peer/v1/peer.proto google/rpc/status.proto google/rpc/error_details.proto

# REPORT=FILE leaves the test results there as JSON too (.ci/run reads them).
report := $(if $(REPORT),--reporter=default --reporter=json --outputFile.json=$(REPORT))

# The targets, a line each: how the comments above them begin.
help:
	@awk '/^# / { said = said " " substr($$0, 3); next } \
	  said && /^[a-z][a-z-]*:/ { sub(/:.*/, ""); sub(/[.;] .*|\.$$/, "", said); printf "make %-13s%s\n", $$0, said } \
	  { said = "" }' $(firstword $(MAKEFILE_LIST))

# Three nodes on this machine, until Ctrl-C.
run: build
	@node dist/cli/main.js cluster

# The unit tests on the sources, then the tests that start real nodes on the build. KILL ends what ignores the
# first signal.
test: build
	timeout --kill-after=10 600 $(bin)/vitest run --project unit --project processes $(report)

# What a compiler, linters and the house tests (test/house) can tell without running a node.
check: node_modules/.installed src/gen/.generated
	$(bin)/tsc --noEmit -p tsconfig.json
	$(bin)/tsc --noEmit -p tsconfig.test.json
	$(bin)/biome check --error-on-warnings
	$(bin)/oxlint --type-aware --deny-warnings
	$(bin)/buf lint
	$(bin)/vitest run --project house $(report)

# The randomized model of DESIGN §4 at length; `make test` runs a short one. A failure prints the two
# variables that replay it.
check-model: node_modules/.installed src/gen/.generated
	SHOAL_MODEL_HISTORIES=$${SHOAL_MODEL_HISTORIES:-50000} $(bin)/vitest run --project unit test/model

# The simulator: the seeds of this commit, then fresh ones, for SECONDS=600 or SEEDS=… of them in WORKERS=…
# processes; CONTINUE=yes goes on after a failure. SEED=… replays one with its log.
sim: build/sim/.built
	@node build/sim/test/sim/runner/main.js seeds

# Known bugs, one after the other put into the code: the simulator must catch each. MUTANT=… hunts one,
# WORKERS=… as above, and `make sim MUTANT=…` tells of one at length.
sim-mutants: build/sim/.built
	@node build/sim/test/sim/runner/main.js mutants

# How fast news of members spreads in 4 to 64 simulated nodes and what that costs, how soon the dead are known, and whether
# anybody else is taken for dead: some ten minutes. NODES=4,8 for some sizes, SEEDS=5 of each, ONLY=spread, detection or trouble.
gossip: build/sim/.built
	@node build/sim/test/sim/gossip/main.js

# How fast it is, beside bare grpc-js and LevelDB on the same machine at the same time, and which aims that
# reaches: some minutes. QUICK=1 for the aims alone, FULL=1 for all combinations, SCALE=1 for seven nodes and
# millions of keys, ROWS=… (a regular expression) for some rows, SECONDS=2 for each.
bench: build build/bench/.built
	@node build/bench/bench/main.js

# A node is away, misses 100 000 keys and comes back: how soon it has them, what that takes, and what clients notice. Ten
# minutes; SMALL=1 for one, with 10 000 keys. ONLY=three|five|one-key|clients|idle for some of it.
bench-handoff: build build/bench/.built
	@node build/bench/bench/handoff.js

# What anti-entropy costs: to find and mend few of a million keys, beside a comparison of all; when nothing differs; a wiped node;
# what clients notice. Half an hour; KEYS=20000 for some minutes, VALUE=256 bytes each.
# ONLY=few-keys|idle|naive|start-up|wiped|clients|layouts for some of it.
bench-repair: build build/bench/.built
	@node build/bench/bench/repair.js

# What three nodes do when ten times as much is asked of them as they can, and when one of them hardly gets to run: two
# minutes on a machine that does nothing else. SECONDS=10 for each step, SLOW_SECONDS=60 for the last, ONLY=pipeline or unary.
overload: build build/bench/.built
	@node build/bench/bench/overload.js

# Five real nodes under clients of the SDK for SECONDS=300, killed, frozen and restarted as SEED=… has it: no call
# fails and nothing is lost. NODES=3 to 9; FAULTS=none shows what the machine alone does to the figures.
chaos: build build/chaos/.built
	@node build/chaos/test/chaos/main.js

# How soon five and nine real nodes know of one that is killed or stopped, whether they take another for dead, and what an
# idle node costs: two minutes on a machine that does nothing else. NODES=5,9, TRIALS=5.
detect: build build/chaos/.built
	@node build/chaos/test/detect/main.js

# The layout of all sources, and what linters can mend by themselves.
fmt: node_modules/.installed
	$(bin)/biome check --write

# The scripted tour: ends by itself.
demo: build
	@scripts/demo

# Removes what was built; node_modules stays.
clean:
	rm -rf dist build src/gen

# The `shoal` command and the SDK, in dist/: what a bare `make` does.
build: dist/.built

# Not `npm ci`: it wants the binaries of every platform in the lockfile, which not every registry mirror
# carries.
node_modules/.installed: package.json package-lock.json
	npm install --no-save --no-audit --no-fund
	@touch $@

# Types of the messages, for the compiler only.
src/gen/.generated: $(protos) node_modules/.installed
	@rm -rf src/gen
	$(bin)/proto-loader-gen-types --longs=Number --defaults --oneofs --importFileExtension=.ts -I proto -O src/gen $(typed_protos)
	@touch $@

# What server reflection serves: the public packages, never the peer package.
dist/descriptors.binpb: $(protos) node_modules/.installed
	@mkdir -p dist
	$(bin)/buf build --as-file-descriptor-set $(foreach p,$(public_protos),--path proto/$(p)) -o $@

dist/.built: $(sources) src/gen/.generated dist/descriptors.binpb tsconfig.json
	$(bin)/tsc -p tsconfig.json
	@chmod +x dist/cli/*.js 2>/dev/null || true
	@touch $@

# The sources and the bench as plain JavaScript; proto/ is looked for beside src/.
build/bench/.built: $(sources) $(bench_sources) src/gen/.generated tsconfig.json tsconfig.bench.json
	$(bin)/tsc -p tsconfig.bench.json
	@ln -sfn ../../proto build/bench/proto
	@touch $@

# The sources and the simulator as plain JavaScript; proto/ is looked for beside src/.
build/sim/.built: $(sources) $(sim_sources) src/gen/.generated tsconfig.json tsconfig.sim.json
	$(bin)/tsc -p tsconfig.sim.json
	@ln -sfn ../../proto build/sim/proto
	@touch $@

# The sources and the chaos as plain JavaScript; proto/ is looked for beside src/.
build/chaos/.built: $(sources) $(chaos_sources) src/gen/.generated tsconfig.json tsconfig.chaos.json
	$(bin)/tsc -p tsconfig.chaos.json
	@ln -sfn ../../proto build/chaos/proto
	@touch $@
