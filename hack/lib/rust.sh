# shellcheck shell=bash
# Rust, as pinned by rust-toolchain.toml, and where its output goes.

# Clean clones (and CI) share one target folder in the cache; a clone that has compiled before keeps its own.
rust_ensure() {
  packages_ensure "${PACKAGES_BUILD[@]}" "${PACKAGES_RUST[@]}"
  local wanted
  wanted=$(sed -n 's/^channel = "\(.*\)"/\1/p' "$ROOT/rust-toolchain.toml")
  command -v cargo >/dev/null || die "Rust $wanted is needed: install rustup and put cargo on the PATH"
  (cd "$ROOT" && cargo --version >/dev/null) || die "Rust $wanted is needed: rustup toolchain install $wanted"
  if [[ -z ${CARGO_TARGET_DIR:-} && (-n ${CI:-} || ! -d $ROOT/target) ]]; then
    export CARGO_TARGET_DIR=$CACHE/cargo-target
  fi
  RUST_TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
}

# The operator's program for the cluster: rust_build PROFILE prints nothing, sets RUST_PROGRAM.
rust_build() {
  local profile=$1 folder=$1
  [[ $profile != dev ]] || folder=debug
  (cd "$ROOT" && cargo build --quiet --locked --profile "$profile" --bin tengine-operator)
  # shellcheck disable=SC2034 # for the image
  RUST_PROGRAM=$RUST_TARGET/$folder/tengine-operator
}

# rust_tool NAME VERSION: a program of the crate registry on the PATH; compiled once into the cache, and not optimised, for it
# runs for seconds.
rust_tool() {
  local folder=$CACHE/tools/$1-$2
  mkdir -p "$CACHE/tools"
  [[ -d $folder ]] || say_step "built $1" cache_fill "$folder" rust_tool_build "$1" "$2"
  cache_forget_others "$CACHE/tools/$1-" "$folder"
  PATH=$folder/bin:$PATH
}

# rust_tool_build NAME VERSION FOLDER
rust_tool_build() {
  say "building $1 (once)"
  (cd "$ROOT" && cargo install --quiet --locked --debug --config profile.dev.debug=false --version "$2" --root "$3" \
    --target-dir "$3/target" "$1")
  rm -r "$3/target"
}
