# kaisen: what a person does with it. `make help` lists the targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Tools that are not on this machine are unpacked here, by .ci/tools.
TOOLS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/kaisen/tools
export PATH := $(PATH):$(TOOLS)/usr/bin

VERSION := $(shell deploy/release/version.sh)
REVISION := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)

# Where programs and packages are put: make deb BIN=/tmp/packages
BIN := bin

# The race detector needs a C compiler; without one the tests run all the same.
RACE = $(shell command -v "$$(go env CC)" >/dev/null && echo -race)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## everything at once, with a simulated carrier: no account and no configuration needed
	@$(MAKE) --no-print-directory -j2 engine build
	@exec $(BIN)/kaisen demo

# One package more than there are processors: those with alerts in them mostly wait. The longest begin first, or they would end alone.
LONG = ./deploy/e2e ./internal/app ./schema/clickhouse ./cmd/kaisen ./deploy
GOTEST = .ci/gotest -vet=off -p $$(($$(nproc) + 1)) -timeout 60m
.PHONY: test
test: vet engine tools ## all tests, against the real engine, after the checks of the code itself
	CGO_ENABLED=$(if $(RACE),1,0) $(GOTEST) $(RACE) $(LONG) ./...
	$(if $(RACE),@$(MAKE) --no-print-directory unraced)

# The tests that call internal/racetest, once more and whole: "TestName ./folder" of each, from their source.
.PHONY: unraced
unraced:
	@tests=$$(grep -rl --include='*_test.go' 'racetest\.' . | xargs awk '/^func /{ test = $$2; sub(/\(.*/, "", test) } \
		/racetest\.(Skip|Fewer)\(/{ folder = FILENAME; sub(/\/[^\/]*$$/, "", folder); print test, folder }' | sort -u); \
	set -x; CGO_ENABLED=0 $(GOTEST) -run "^($$(cut -d' ' -f1 <<<"$$tests" | paste -sd'|'))\$$" $$(cut -d' ' -f2 <<<"$$tests" | sort -u)

# How often `make loop` runs.
RUNS := 200

.PHONY: loop
loop: engine tools ## PKG=./collector RUNS=200: its tests again and again, each time in another order
	@[ -n '$(PKG)' ] || { echo 'make loop PKG=./collector RUNS=200'; exit 2; }
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; failed=0; \
	CGO_ENABLED=$(if $(RACE),1,0) go test $(RACE) -c -o "$$folder/loop.test" '$(PKG)'; \
	cd '$(PKG)'; \
	for run in $$(seq $(RUNS)); do \
		export GOMAXPROCS=$$((1 << run % 3)) GORACE=atexit_sleep_ms=0; \
		"$$folder/loop.test" -test.shuffle=on -test.timeout=20m >"$$folder/log" 2>&1 || { \
			failed=$$((failed + 1)); cat "$$folder/log"; echo "run $$run failed, with GOMAXPROCS=$$GOMAXPROCS"; }; \
	done; \
	echo "$$failed of $(RUNS) runs failed"; [ $$failed = 0 ]

.PHONY: lint
lint: vet ## gofmt, go vet, staticcheck, and known vulnerabilities where their database can be reached
	@if curl -sf --max-time 10 -o /dev/null https://vuln.go.dev/index/modules.json; then \
		go tool govulncheck ./...; \
	else \
		echo 'govulncheck left out: vuln.go.dev cannot be reached from here'; \
	fi

.PHONY: bench
bench: engine ## all benchmarks, and at their end every figure that was promised beside what was measured
	@mkdir -p '$(BIN)'; export CGO_ENABLED=0; status=0; set -x; \
	go test -run '^$$' -bench . -benchmem -timeout 60m ./... | tee '$(BIN)/bench.txt' || status=$$?; \
	go run ./collector/schedule/proof || status=$$?; \
	go run ./internal/benchtable '$(BIN)/bench.txt'; exit $$status

.PHONY: page
page: engine build ## look at the demo's pages with a headless Chromium: axe-core, policy, screenshots in bin/page
	exporter/e2e/check $(BIN)/kaisen $(TOOLS) $(BIN)/page

.PHONY: engine
engine: ## fetch the embedded ClickHouse into the cache folder, once; KAISEN_LIBCHDB names one that is already there
	@[ -n "$${KAISEN_LIBCHDB:-}" ] || CGO_ENABLED=0 go run ./internal/chdb/fetchengine

.PHONY: build
build: ## bin/kaisen, one binary that needs no C compiler
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION) -X main.revision=$(REVISION)' -o $(BIN)/kaisen ./cmd/kaisen

.PHONY: deb
deb: build ## bin/kaisen_….deb for Debian and Ubuntu
	deploy/debian/build.sh '$(BIN)' '$(VERSION)'

.PHONY: deb-engine
deb-engine: engine ## bin/kaisen-engine_….deb, the embedded ClickHouse for the same machines
	@mkdir -p '$(BIN)'
	deploy/debian/build.sh '$(BIN)' "$$(sed -n 's/^const Version = "\(.*\)"/\1/p' internal/chdb/library.go)" \
		"$${KAISEN_LIBCHDB:-$$(CGO_ENABLED=0 go run ./internal/chdb/fetchengine 2>&1 | sed -n 's/.* at //p')}"

# As the chart and compose.yaml call them.
IMAGE = docker build --file deploy/docker/Dockerfile --build-arg 'VERSION=$(VERSION)' --build-arg 'REVISION=$(REVISION)'

.PHONY: images
images: ## both container images, kaisen:VERSION and kaisen:VERSION-engine; needs Docker
	$(IMAGE) --target kaisen --tag kaisen:$(VERSION:v%=%) .
	$(IMAGE) --target engine --tag kaisen:$(VERSION:v%=%)-engine .

.PHONY: compose
compose: ## start deploy/compose with an image of this version; ENV=simulator.env takes a simulated carrier
	cd deploy/compose && KAISEN_VERSION='$(VERSION:v%=%)' KAISEN_REVISION='$(REVISION)' \
		docker compose $(if $(ENV),--env-file '$(ENV)') up --detach --build

.PHONY: release
release: engine ## bin/release: programs, packages, images' contexts, chart, bills of materials, checksums
	deploy/release/build.sh '$(BIN)/release' '$(VERSION)' '$(REVISION)' \
		"$${KAISEN_LIBCHDB:-$$(CGO_ENABLED=0 go run ./internal/chdb/fetchengine 2>&1 | sed -n 's/.* at //p')}"

.PHONY: deb-test
deb-test: deb deb-engine ## install both packages on a clean Debian with systemd, and use them; needs root
	deploy/debian/test.sh '$(BIN)'

# The checks of the code itself that need nothing but the Go toolchain and its modules.
.PHONY: vet
vet:
	@unformatted=$$("$$(go env GOROOT)/bin/gofmt" -l .); if [ -n "$$unformatted" ]; then echo "not formatted, run gofmt -w on:" $$unformatted; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

# Prometheus and Alertmanager with their tools, which the tests of metrics, rules, routes and dashboards run.
.PHONY: tools
tools:
	@.ci/tools $(TOOLS)
