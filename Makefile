# Every target works from a fresh clone: what it needs is installed and built first.
.PHONY: run test check check-model fmt build demo clean

bin := node_modules/.bin
protos := $(shell find proto -name '*.proto')
sources := $(shell find src -name '*.ts' -not -path 'src/gen/*')
public_protos := shoal/v1/kv.proto shoal/v1/cluster.proto grpc/health/v1/health.proto google/rpc/status.proto google/rpc/error_details.proto
typed_protos := shoal/v1/kv.proto shoal/v1/cluster.proto shoal/peer/v1/peer.proto google/rpc/status.proto google/rpc/error_details.proto

build: dist/.built

# Not `npm ci`: it wants the binaries of every platform in the lockfile, which not every registry mirror carries.
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
