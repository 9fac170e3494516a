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

# Where other kernels cannot be had, their test says so.
test:
	@tools/install-dependencies build demo runtimes
	@tools/install-dependencies cross kernels || true
	@tests/run

# The same program on every other kernel that is supported, with the tests of the sensor.
test-kernels: all
	@tools/install-dependencies build demo cross kernels
	@BOSC_KERNELS=all tests/live/kernels.t

# A binary that needs no library where it runs.
static:
	@tools/install-dependencies build
	@[ -e build-static/build.ninja ] || meson setup build-static -Dstatic=true >/dev/null
	@ninja -C build-static bosc

# An image of this machine's bosc and the libraries that it needs, for docker, podman or ctr.
image: all
	@tools/container-image build/bosc build/bosc-image.tar

# QUICK=1: fewer rounds, in less than ten minutes.
bench: all
	@tools/install-dependencies build bench
	@ninja -C build bench >build/bench.log || { tail -n 40 build/bench.log; exit 1; }
	@tests/bench/run $(if $(QUICK),--quick) --json build/bench.json \
		--markdown build/performance.md --svg build/performance.svg

install: all
	@meson install -C build --no-rebuild

clean:
	rm -rf build build-sanitize build-static build-arm64

.PHONY: all demo test test-kernels static image bench install clean
