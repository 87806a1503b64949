# shellcheck shell=bash
# The demo's commits: the first, a second, one that does not parse, one that the core refuses; and the way of each.

# follow WHAT: waits until COMMIT serves in both stages, and notes how long each step took.
follow() {
  local seen built ready
  wait_field production .status.source.commit "$COMMIT"
  seen=$(say_elapsed "$PUSHED")
  until_so 180 "a release of ${COMMIT:0:7}" release production
  run kubectl -n production wait "$(release production)" --for=jsonpath='{.status.image}' --timeout=180s
  built=$(say_elapsed "$PUSHED")
  wait_live production "$COMMIT"
  ready=$(say_elapsed "$PUSHED")
  wait_live staging "$COMMIT"
  summary_row "$1" "$(say_seconds "$seen")" "$(say_seconds "$built")" "$(say_seconds "$ready")"
  run kubectl get td -A
}

# release STAGE: the release of COMMIT.
release() {
  kubectl -n "$1" get tenginereleases -o json |
    jq -er --arg commit "$COMMIT" '[.items[] | select(.spec.commit == $commit)] | first | "trel/\(.metadata.name)"'
}

# handled_by_new: an event in each stage, once the old cores have finished theirs.
handled_by_new() {
  local stage
  for stage in "${STAGES[@]}"; do
    run kubectl -n "$stage" wait --for=delete pods -l "$CORE,tengine.dev/commit!=${COMMIT:0:7}" --timeout=120s
    event_handled "$stage" "$COMMIT"
  done
}

commits_first() {
  local images
  title "One repository, two stages"
  git_push "Billing jobs"
  run kubectl apply -f examples/staging.yaml -f examples/production.yaml
  run kubectl get td -A
  follow "first commit, both stages from nothing"
  run kubectl -n production get deployments,pods
  images=$(kubectl get td -A -o json | jq -r '.items[] | select(.metadata.name == "billing" and
    (.metadata.namespace | IN("staging", "production"))) | .status.current.image' | sort -u)
  fact "image of both: $images"
  [[ $images == *@sha256:* && $(wc -l <<<"$images") == 1 ]] || fail "the stages run different images"
  handled_by_new
}

commits_second() {
  local before
  title "A second commit goes live by itself"
  before=$(cores production)
  sed -i 's/paid, #{session\[:paid\]} so far/is paid; #{session[:paid]} until now/' "$WORK/jobs/events/invoices.rb"
  git_push "Say it in other words"
  follow "second commit"
  [[ -z $(comm -12 <(echo "$before") <(cores production)) ]] || fail "old cores are still there"
  handled_by_new
  watch_still_good
}

# refused REASON WHAT: waits until COMMIT is refused for this reason in both stages.
refused() {
  local seen stage
  for stage in production staging; do
    wait_reason "$stage" "$1"
    [[ $stage == staging ]] || seen=$(say_elapsed "$PUSHED")
  done
  summary_row "$2 (told)" "" "" "$(say_seconds "$seen")"
  run kubectl get td -A
}

commits_syntax_error() {
  local before
  title "A commit with a syntax error changes nothing that runs"
  before=$(cores production)
  echo 'jobnet("weekly", "Weekly run" do' >>"$WORK/jobs/nightly.rb"
  git_push "A slip of the keyboard"
  refused DefinitionInvalid "syntax error"
  message_has production "^${COMMIT:0:7}" 'nightly\.rb:[0-9]+:[0-9]+'
  cores_untouched production "$before"
  sed -i '$d' "$WORK/jobs/nightly.rb"
  echo '# Weekly runs are still to come.' >>"$WORK/jobs/nightly.rb"
  git_push "Take it back"
  follow "its fix"
  watch_still_good
}

commits_run_time_error() {
  local before
  title "A commit that parses, but that the core refuses"
  before=$(cores production)
  # shellcheck disable=SC2016 # Ruby's own
  printf 'require "tengine_job"\n\nsend(:hoge, "monthly")\n' >"$WORK/jobs/monthly.rb"
  git_push "A word that is only looked up at run time"
  refused CoreFailed "core refuses"
  message_has production "^${COMMIT:0:7}" 'monthly\.rb:3' NoMethodError hoge
  cores_untouched production "$before"
  git_revert
  follow "taken back by git revert"
  handled_by_new
  watch_still_good
}
