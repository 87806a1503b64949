# shellcheck shell=bash
# Rust, as pinned by rust-toolchain.toml, and where its output goes.

# Clean clones (and CI) share one target folder in the cache; a clone that has compiled before keeps its own.
rust_ensure() {
  packages_ensure "${PACKAGES_BUILD[@]}" "${PACKAGES_RUST[@]}"
  rust_find
  if [[ -z ${CARGO_TARGET_DIR:-} && (-n ${CI:-} || ! -d $ROOT/target) ]]; then
    export CARGO_TARGET_DIR=$CACHE/cargo-target
    rust_tell_changes "$ROOT" "$CARGO_TARGET_DIR"
  fi
  RUST_TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
}

# rust_tell_changes CLONE TARGET: makes new, for cargo, whatever differs from what was last compiled into that folder. Cargo compares
# times alone, and these tell nothing when a clone, or the cache, was copied here or comes from another time; paths count too, for
# they are compiled in.
rust_tell_changes() {
  local listing=$2/sources.sha256
  mkdir -p "$2"
  touch "$listing"
  # What is a link to nowhere or was removed has no content.
  git -C "$1" ls-files -coz --exclude-standard >"$listing.names"
  { sed -z "s|^|$1/|" "$listing.names" | xargs -0 sha256sum 2>/dev/null || true; } | sort >"$listing.new"
  comm -13 "$listing" "$listing.new" | cut -c67- | xargs -rd '\n' touch
  mv "$listing.new" "$listing"
  rm "$listing.names"
}

# The Rust of rust-toolchain.toml: the machine's, where rustup has it or can get it; otherwise through a rustup of our own, all
# of which is in the cache. Its programs are called themselves and not through rustup, which would put a folder of its own, with whatever
# else was ever installed into it, before everything on the PATH.
rust_find() {
  local wanted found folder=$CACHE/rustup-$RUSTUP
  wanted=$(sed -n 's/^channel = "\(.*\)"/\1/p' "$ROOT/rust-toolchain.toml")
  # A shell that is no login shell may not know where rustup puts it.
  if ! found=$(rust_programs "$wanted" "$TENGINE_MACHINE_PATH") && ! found=$(rust_programs "$wanted" "$HOME/.cargo/bin"); then
    [[ -d $folder ]] || say_step "installed rustup $RUSTUP" cache_fill "$folder" rust_install
    export RUSTUP_HOME=$folder/rustup CARGO_HOME=$folder/cargo RUSTUP_AUTO_INSTALL=1
    found=$(rust_programs "$wanted" "$folder/cargo/bin") || die "Rust $wanted is needed, and rustup cannot get it"
  fi
  path_open_to_files "$found"/{cargo,rustc,rustdoc,rustfmt,cargo-fmt,cargo-clippy,clippy-driver}
}

# rust_programs VERSION PATH: prints the folder of the programs of that version, if it can be had there.
rust_programs() {
  local PATH=$2:$PATH
  cd "$ROOT" || return
  [[ $(cargo --version 2>/dev/null) == "cargo $1 "* ]] && echo "$(rustc --print sysroot)/bin"
}

# rust_install FOLDER
rust_install() {
  local machine digest log
  machine=$(uname -m)
  digest=RUSTUP_SHA256_$machine
  cache_download "https://static.rust-lang.org/rustup/archive/$RUSTUP/$machine-unknown-linux-gnu/rustup-init" "${!digest:-}" "$1/rustup-init"
  chmod +x "$1/rustup-init"
  log=$(CARGO_HOME=$1/cargo RUSTUP_HOME=$1/rustup "$1/rustup-init" -y --no-modify-path --profile minimal --default-toolchain none 2>&1) ||
    die "rustup cannot be installed: $log"
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
