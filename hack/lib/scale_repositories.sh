# shellcheck shell=bash
# What both sides of bench-scale follow: one private repository with branches, or as many repositories as there are objects, each at a
# commit of its own.

SCALE_OWNER=bench-scale # the organization of the many repositories

scale_git() { curl -fsS -u "$TENGINE_GIT_ADMIN:$TENGINE_GIT_PASSWORD" -H 'Content-Type: application/json' "$@"; }

scale_repository() {
  scale_git -d "{\"name\":\"$SPACE\",\"private\":true}" "$TENGINE_GIT_URL/api/v1/user/repos" >/dev/null
  git init -q -b main "$WORK/definition"
  cp -r "$ROOT/examples/definitions/billing/." "$WORK/definition/"
  git -C "$WORK/definition" config user.name bench
  git -C "$WORK/definition" config user.email bench@example.com
  git -C "$WORK/definition" remote add origin \
    "http://$TENGINE_GIT_ADMIN:$TENGINE_GIT_PASSWORD@${TENGINE_GIT_URL#http://}/$TENGINE_GIT_ADMIN/$SPACE.git"
  scale_push
}

# The same new commit on all branches.
scale_push() {
  local number specs=()
  echo "# at $EPOCHREALTIME" >>"$WORK/definition/nightly.rb"
  git -C "$WORK/definition" add -A
  git -C "$WORK/definition" commit -qm "At $EPOCHREALTIME"
  for number in $(seq 1 "$BRANCHES"); do specs+=("HEAD:refs/heads/b$number"); done
  git -C "$WORK/definition" push -q origin "${specs[@]}" 2>&1 | sed '/^remote: /d' >&2
}

scale_commit() { git -C "$WORK/definition" rev-parse HEAD; }

# Made by the Git host itself, and filled on its disk: pushing a thousand times would take minutes, and is not what is measured.
scale_repositories() {
  local number commit folder=$STATE/gitea/data/data/gitea-repositories/$SCALE_OWNER pack
  [[ ! -e $WORK/packs ]] || return 0
  scale_git -d "{\"username\":\"$SCALE_OWNER\",\"visibility\":\"private\"}" "$TENGINE_GIT_URL/api/v1/orgs" >/dev/null
  scale_each_repository -H 'Content-Type: application/json' -d '{"name":"r{}","private":true}' "$TENGINE_GIT_URL/api/v1/orgs/$SCALE_OWNER/repos"
  [[ -d $folder/r1.git ]] || fail "the Git host keeps its repositories in $folder"
  mkdir "$WORK/packs"
  # No two have the same content, as no two would.
  for number in $(seq 1 "$OBJECTS"); do
    scale_tree "$number" | xargs git -C "$WORK/definition" commit-tree -m "Repository $number"
  done >"$WORK/commits"
  git -C "$WORK/definition" pack-objects -q --revs "$WORK/packs/pack" <"$WORK/commits" >/dev/null
  for number in $(seq 1 "$OBJECTS"); do
    read -r commit
    mkdir -p "$folder/r$number.git/objects/pack" "$folder/r$number.git/refs/heads"
    for pack in "$WORK"/packs/*.{pack,idx}; do cp "$pack" "$folder/r$number.git/objects/pack/"; done
    echo "$commit" >"$folder/r$number.git/refs/heads/main"
  done <"$WORK/commits"
  chown -R --reference="$folder" "$folder"
}

# scale_tree NUMBER: the definition, with a file more that names this number.
scale_tree() {
  local blob
  blob=$(echo "# of repository $1" | git -C "$WORK/definition" hash-object -w --stdin)
  { git -C "$WORK/definition" ls-tree HEAD; printf '100644 blob %s\tnumber.rb\n' "$blob"; } | git -C "$WORK/definition" mktree
}

# Eight at a time; {} is the number.
scale_each_repository() {
  seq 1 "$OBJECTS" | xargs -P 8 -I '{}' curl -fsS -o /dev/null -u "$TENGINE_GIT_ADMIN:$TENGINE_GIT_PASSWORD" "$@"
}

# scale_url NUMBER, scale_branch NUMBER: what the object of this number follows in the case at hand.
scale_url() {
  case $CASE in
    many) echo "$TENGINE_GIT_URL/$SCALE_OWNER/r$1.git" ;;
    *) echo "$TENGINE_GIT_URL/$TENGINE_GIT_ADMIN/$SPACE.git" ;;
  esac
}

scale_branch() {
  case $CASE in
    many) echo main ;;
    *) echo "b$(($1 % BRANCHES + 1))" ;;
  esac
}

scale_clean_repositories() {
  scale_git -X DELETE "$TENGINE_GIT_URL/api/v1/repos/$TENGINE_GIT_ADMIN/$SPACE" >/dev/null 2>&1 || true
  scale_git "$TENGINE_GIT_URL/api/v1/orgs/$SCALE_OWNER" >/dev/null 2>&1 || return 0
  scale_each_repository -X DELETE "$TENGINE_GIT_URL/api/v1/repos/$SCALE_OWNER/r{}" 2>/dev/null || true
  scale_git -X DELETE "$TENGINE_GIT_URL/api/v1/orgs/$SCALE_OWNER" >/dev/null || true
}
