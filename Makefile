# The everyday commands. `make` alone explains them; CMake presets do the work.
ARGS ?=
JOBS ?= $(shell nproc)
CTEST = ctest --output-on-failure -j$(JOBS)
CMAKE_QUIET = cmake --log-level=WARNING

.DEFAULT_GOAL := help
.PHONY: help deps build run test test-quick test-ops test-ops-slow asan tsan deb image bench stack-up stack-down stack-status \
	format tidy golden clean

help: ## this text
	@echo "respring: a chat platform in one binary"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22
	@echo
	@echo "  make run ARGS='--set listen=:8000' gives arguments to respring serve."

deps: ## install the Debian packages that are missing (root or sudo)
	@scripts/install-deps

build: deps ## build build/release/respring
	@$(CMAKE_QUIET) --preset release
	@cmake --build --preset release --target respring -j$(JOBS)

run: build ## build and start everything on this machine: http://127.0.0.1:8080
	@exec build/release/respring serve $(ARGS)

test: deps ## build everything and run every test
	@$(CMAKE_QUIET) --preset release
	@cmake --build --preset release -j$(JOBS)
	@$(CTEST) --test-dir build/release

test-quick: deps ## only the tests that take seconds (label quick)
	@$(CMAKE_QUIET) --preset release
	@cmake --build --preset release -j$(JOBS)
	@$(CTEST) --test-dir build/release -L quick

test-ops: build ## tests whose tools Go builds, minutes the first time: k6, an OpenTelemetry collector, an S3 server
	@cmake --build --preset release --target contract_blob_store_s3 -j$(JOBS)
	@$(CTEST) --test-dir build/release -C ops -L ops

test-ops-slow: build ## tests with a real Kubernetes API server and Loki, which Go builds for half an hour the first time
	@scripts/install-deps etcd-server
	@$(CTEST) --test-dir build/release -C ops-slow -L ops-slow

asan: deps ## tests without servers, with AddressSanitizer and UBSan
	@$(CMAKE_QUIET) --preset asan
	@cmake --build --preset asan -j$(JOBS)
	@ASAN_OPTIONS="quarantine_size_mb=4" $(CTEST) --test-dir build/asan -LE 'release-only|stack'

tsan: deps ## tests without servers, with ThreadSanitizer
	@$(CMAKE_QUIET) --preset tsan
	@cmake --build --preset tsan -j$(JOBS)
	@TSAN_OPTIONS="halt_on_error=1 second_deadlock_stack=1" $(CTEST) --test-dir build/tsan -LE 'release-only|stack'

deb: build ## make a Debian package: build/release/respring_VERSION_ARCH.deb
	@cmake --build --preset release --target package_files
	@cd build/release && cpack -G DEB

image: build ## make an OCI image without a container engine, and its parts as SPDX: build/image
	@python3 -B packaging/image.py --binary build/release/respring --out build/image

bench: build ## run the benchmarks of docs/benchmarks.md
	@scripts/bench $(ARGS)

stack-up: deps ## start the real servers that tests use (tests/stack/README.md)
	@tests/stack/stack up $(ARGS)

stack-down: ## stop them
	@tests/stack/stack down $(ARGS)

stack-status: ## what runs, and where
	@tests/stack/stack status $(ARGS)

format: ## let clang-format put every C++ file in shape
	@git ls-files '*.h' '*.cc' | xargs clang-format -i

tidy: ## check the structure of the sources, and their format
	@python3 tests/tidy/tidy.py
	@git ls-files '*.h' '*.cc' | xargs clang-format --dry-run --Werror

golden: build ## write the golden files anew (review the diff before you commit it)
	@python3 tests/golden/golden.py --binary build/release/respring --update

clean: ## remove every build folder
	@rm -rf build
