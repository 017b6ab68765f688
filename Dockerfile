# SPDX-License-Identifier: GPL-2.0-or-later
# ./run image builds this with docker, podman or buildah. The lab works inside:
#   docker run --rm spanbridge spanbridge lab --calls 2 --check
ARG BASE_IMAGE=docker.io/library/debian:12-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /src
COPY . .
RUN ./run build && DESTDIR=/out meson install -C build --no-rebuild --strip

FROM ${BASE_IMAGE}
# libpri, libosip2 and spandsp are linked statically; this is what the programs load.
RUN apt-get update \
	&& DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
		libc-ares2 libcurl4 libedit2 libjansson4 libuv1 libyaml-0-2 \
	&& rm -rf /var/lib/apt/lists/* \
	&& useradd --system --user-group --home-dir /var/lib/spanbridge --create-home spanbridge \
	&& install -d -o spanbridge -g spanbridge /run/spanbridge
COPY --from=build /out/usr/local/ /usr/local/
COPY config/examples/ /usr/local/share/spanbridge/examples/
USER spanbridge
WORKDIR /var/lib/spanbridge
CMD ["spanbridged"]
