# SPDX-License-Identifier: BSD-2-Clause
# The commands of the README; Meson does the work underneath.

all: build/build.ninja
	@ninja -C build bosc

build/build.ninja: meson.build tests/meson.build
	@tools/install-dependencies build
	@meson setup build $$([ ! -e build/build.ninja ] || echo --reconfigure) >/dev/null

demo: all
	@tools/install-dependencies demo
	@tools/demo

test:
	@tools/install-dependencies build demo runtimes kernels
	@tests/run

# QUICK=1: fewer rounds, in less than ten minutes.
bench: all
	@tools/install-dependencies build bench
	@ninja -C build bench >build/bench.log || { tail -n 40 build/bench.log; exit 1; }
	@tests/bench/run $(if $(QUICK),--quick) --json build/bench.json \
		--markdown build/performance.md --svg build/performance.svg

install: all
	@meson install -C build --no-rebuild

clean:
	rm -rf build build-sanitize

.PHONY: all demo test bench install clean
