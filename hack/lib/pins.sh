# shellcheck shell=bash disable=SC2034
# The one place for every address, port, name and version of the harness.
#
# The versions of the Go tools are pinned in tools/*/go.mod (and go.sum), that of Rust in rust-toolchain.toml; Debian's packages follow the
# suite below. Go and rustup are those that a machine gets which has none.

DEBIAN_SUITE=bookworm
POSTGRES_MAJOR=15
BUSYBOX_TAG=1
CARGO_DENY=0.20.2

GO=1.26.8
RUSTUP=1.28.2
RUSTUP_SHA256_x86_64=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c
RUSTUP_SHA256_aarch64=e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c

BRIDGE=cni0
BRIDGE_MAC=0a:58:0a:58:00:01
BRIDGE_ADDRESS=10.88.0.1
POD_NETWORK=10.88.0.0/16
SERVICE_NETWORK=10.96.0.0/16
SERVICE_ADDRESS=10.96.0.1 # of the Service `kubernetes`
NODE_NAME=node1

API_PORT=6443
ETCD_PORT=2379
ETCD_PEER_PORT=2380
REGISTRY_PORT=5000
AUTH_REGISTRY_PORT=5001
GIT_PORT=3000
GIT_SSH_PORT=2222
AMQP_PORT=5672
AMQP_API_PORT=15672
AMQP_METRICS_PORT=15692
EPMD_PORT=4370
POSTGRES_PORT=5433
PROMETHEUS_PORT=9090

# Users of a cluster that is reached from this machine alone. The passwords are unlike any other text, so that
# a test can search logs and objects for them.
GIT_ADMIN=tengine-admin
GIT_PASSWORD=git-Wq8vT2xLr5
AMQP_ADMIN=tengine-admin
AMQP_PASSWORD=amqp-Zk3nB7yHd9
POSTGRES_ADMIN=postgres
POSTGRES_PASSWORD=pg-Xj6mC4sKe1
AUTH_REGISTRY_USER=tengine
AUTH_REGISTRY_PASSWORD=registry-Vh5pD8tMf3

REGISTRY=$BRIDGE_ADDRESS:$REGISTRY_PORT
AUTH_REGISTRY=$BRIDGE_ADDRESS:$AUTH_REGISTRY_PORT
PROMETHEUS=$BRIDGE_ADDRESS:$PROMETHEUS_PORT
PAUSE_IMAGE=$REGISTRY/ops/pause:$BUSYBOX_TAG
RUBY_IMAGE=$REGISTRY/ops/ruby:3.1
CORE_IMAGE=$REGISTRY/ops/tengine-core:1.2.2
BROKEN_CORE_IMAGE=$REGISTRY/ops/tengine-core:1.2.2-without-tengined
RUNTIME_IMAGE=$REGISTRY/ops/runtime:$DEBIAN_SUITE
OPERATOR_IMAGE=$REGISTRY/tengine/operator:dev

# Debian packages: what the cluster runs, what builds its images, what compiles the tools and the operator, what the tests call, what the
# demo and the proofs call. A program of no package here is not found by anything that the harness runs (path.sh).
PACKAGES_CLUSTER=(containerd runc containernetworking-plugins docker-registry rabbitmq-server erlang-base "postgresql-$POSTGRES_MAJOR"
  postgresql-client-common prometheus busybox-static iptables iproute2 kmod jq curl openssl git procps ca-certificates)
PACKAGES_IMAGES=(mmdebstrap buildah binutils busybox-static jq)
PACKAGES_BUILD=(gcc g++ libc6-dev make pkg-config)
PACKAGES_RUST=(libssl-dev git)
PACKAGES_GO=(golang-go ca-certificates)
PACKAGES_DOWNLOAD=(ca-certificates curl)
PACKAGES_TESTS=(curl fcgiwrap git graphviz jq nginx openssh-client openssl "postgresql-client-$POSTGRES_MAJOR" ruby ruby-bunny
  ruby-minitest ruby-pg skopeo umoci)
PACKAGES_DEMO=(curl git iproute2 jq openssl procps "postgresql-client-$POSTGRES_MAJOR" ruby ruby-bunny)
PACKAGES_CHECK=(shellcheck git jq)
PACKAGES_BENCH=(time git jq curl "postgresql-client-$POSTGRES_MAJOR" ruby ruby-bunny)
