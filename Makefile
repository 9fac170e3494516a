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
	@tools/install-dependencies build demo
	@tests/run

install: all
	@meson install -C build --no-rebuild

clean:
	rm -rf build build-sanitize

.PHONY: all demo test install clean
