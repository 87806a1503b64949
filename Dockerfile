# The operator's image: one program on a base without a shell.
#
# Everything from public images:      docker build -t tengine-operator .
# With a program built elsewhere:     docker build --target prebuilt --build-arg BINARY=path/in/the/context \
#                                       --build-arg RUNTIME_BASE=... -t tengine-operator .
#
# The program links the C library, libgcc_s, and OpenSSL 3 (libssl3, libcrypto3: Git over HTTPS); zlib and libgit2 are in it.
# distroless/cc-debian12 has exactly these and the certificates of public authorities. OpenSSL stays a shared library, so
# that its patches come with the base. RUST_IMAGE and RUNTIME_BASE must be of the same Debian release.

ARG RUST_IMAGE=docker.io/library/rust:1.95-bookworm
ARG RUNTIME_BASE=gcr.io/distroless/cc-debian12:nonroot

FROM ${RUST_IMAGE} AS build
WORKDIR /src
ENV LIBZ_SYS_STATIC=1
COPY Cargo.toml Cargo.lock rust-toolchain.toml ./
COPY .cargo .cargo
COPY crates crates
COPY src src
# Cargo wants to see every file that Cargo.toml names.
COPY tests tests
# Crates and compiled code stay with the builder, so that a change of ours does not build the dependencies again.
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked && cp target/release/tengine-operator /tengine-operator

FROM ${RUNTIME_BASE} AS runtime
LABEL org.opencontainers.image.title="tengine-operator" \
      org.opencontainers.image.description="Keeps Tengine job engines on Kubernetes at the commit of a Git branch" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY LICENSE NOTICE /usr/share/doc/tengine-operator/
# By number, so that the kubelet can see that it is not root. The only folder written to is $TMPDIR.
USER 65532:65532
ENV TMPDIR=/tmp
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/tengine-operator"]
CMD ["run"]

FROM runtime AS prebuilt
ARG BINARY=tengine-operator
COPY --chmod=0755 ${BINARY} /usr/local/bin/tengine-operator

FROM runtime
COPY --from=build --chmod=0755 /tengine-operator /usr/local/bin/tengine-operator
