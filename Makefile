# Every job of this project by one name; `make` alone lists them.

.DEFAULT_GOAL := help
PREFIX ?= /usr/local
DESTDIR ?=
# Open MPI refuses root and more ranks than cores unless told otherwise; ranks that wait then give way to those that work.
export OMPI_ALLOW_RUN_AS_ROOT := 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM := 1
export OMPI_MCA_rmaps_base_oversubscribe := 1
export OMPI_MCA_mpi_yield_when_idle := 1
# A crash must end a test run at once, not after a minute of symbolication.
export SWIFT_BACKTRACE ?= enable=no

# lld, because gold warns about a function inside the static Foundation that nothing here calls.
RELEASE := swift build -c release --static-swift-stdlib -Xswiftc -use-ld=lld
TOOL = $(shell $(RELEASE) --show-bin-path)/dastore-tool

.PHONY: help
help: ## list these jobs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

.PHONY: deps
deps: ## install the libraries, MPI and the Python packages of the tests, if missing
	@Scripts/install-deps.sh --tests

.PHONY: libraries
libraries:
	@Scripts/install-deps.sh

.PHONY: build
build: libraries ## build the optimised dastore-tool
	@$(RELEASE) --product dastore-tool

.PHONY: demo
demo: build ## store and measure a real 933 MB mask and a 1 GiB volume on two ranks, in 64 MiB each
	@Scripts/demo.sh "$(TOOL)"

.PHONY: examples
examples: libraries ## build the example programs, run them alone and on three ranks, check their answers
	@Examples/run.sh

.PHONY: test
test: deps ## build and run every test, on 1, 2, 3 and 4 ranks
	@swift build --build-tests
	@swift test --skip-build

.PHONY: test-slow
test-slow: deps ## the tests that take minutes, too
	@DASTORE_SLOW_TESTS=1 swift test

.PHONY: test-tsan
test-tsan: deps ## the cache and its threads under ThreadSanitizer
	@swift test --sanitize thread --scratch-path .build/tsan --filter DAChunkCacheTests

.PHONY: fuzz
fuzz: deps ## feed damaged files to every decoder: SECONDS per decoder (default 60)
	@Tests/Fuzz/run.sh $(or $(SECONDS),60)

.PHONY: bench
bench: libraries ## measure every station of the walk against this machine's limits
	@Benchmarks/run.sh

.PHONY: format
format: ## put every source file into the house's format
	@swift format --in-place --parallel --recursive Package.swift Sources Tests

.PHONY: docs
docs: libraries ## build the API documentation into .build/documentation
	@mkdir -p .build/documentation
	@for module in MessagePassing DAStore DAChunkCache DistArray; do \
	  swift package --allow-writing-to-directory .build/documentation generate-documentation \
	    --target $$module --output-path .build/documentation/$$module || exit 1; \
	done

.PHONY: install
install: build ## install dastore-tool, its manual page and shell completions under PREFIX
	install -D -m 755 "$(TOOL)" "$(DESTDIR)$(PREFIX)/bin/dastore-tool"
	install -D -m 644 Docs/dastore-tool.1 "$(DESTDIR)$(PREFIX)/share/man/man1/dastore-tool.1"
	install -d "$(DESTDIR)$(PREFIX)/share/bash-completion/completions" "$(DESTDIR)$(PREFIX)/share/zsh/site-functions" \
	  "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d"
	"$(TOOL)" --generate-completion-script bash > "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/dastore-tool"
	"$(TOOL)" --generate-completion-script zsh > "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_dastore-tool"
	"$(TOOL)" --generate-completion-script fish > "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/dastore-tool.fish"

.PHONY: clean
clean: ## remove everything that was built
	@rm -rf .build
