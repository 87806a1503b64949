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
  local stage version
  for stage in "${STAGES[@]}"; do
    version=$(kubectl -n "$stage" get deployments -l "$CORE" -o jsonpath='{.items[0].spec.template.metadata.labels.tengine\.dev/version}')
    run kubectl -n "$stage" wait --for=delete pods -l "$CORE,tengine.dev/version!=$version" --timeout=120s
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
  # shellcheck disable=SC2016 # Ruby's own
  sed -i -e 's|invoice.sh",$|invoice.sh", :to => "archive",|' \
    -e '/killing_signal_interval/a\  job("archive", "Keep them", "$HOME/billing/archive.sh")' "$WORK/jobs/nightly.rb"
  git_push "Keep the invoices, and say it in other words"
  follow "second commit"
  changes_are '+1 -0 ~1' '+ job nightly/archive' '~ jobnet nightly: order'
  [[ -z $(comm -12 <(echo "$before") <(cores production)) ]] || fail "old cores are still there"
  handled_by_new
  watch_still_good
}

# changes_are COUNTS NAME...: what the release of COMMIT changes in production.
changes_are() {
  local release counts=$1 name said
  shift
  release=$(release production)
  run kubectl -n production get trel
  said=$(kubectl -n production get "$release" -o json | jq -r '.status | .changes, (.changed // [])[]')
  fact "$release: ${said//$'\n'/; }"
  [[ $(sed -n 1p <<<"$said") == "$counts" ]] || fail "the changes are not $counts"
  for name in "$@"; do grep -qxF -- "$name" <<<"$said" || fail "not named: $name"; done
}

# event_told STAGE TEXT: an event of the deployment says it (extended regular expression).
event_told() {
  kubectl -n "$1" get events --field-selector "involvedObject.name=billing,reason=DefinitionInvalid" -o json |
    jq -r '.items[].message' | grep -qE -- "$2"
}

# refusal_says AUTHOR SUBJECT FINDING: whose commit the refused release of COMMIT is, and what is wrong with it.
refusal_says() {
  local said
  said=$(kubectl -n production get "$(release production)" -o json | jq -r '.status | .author, .subject, .evidence')
  [[ $(sed -n 1,2p <<<"$said") == "$1"$'\n'"$2" ]] || fail "the release does not say whose commit it is: $said"
  grep -qE -- "$3" <<<"$said" || fail "no finding in the release's evidence: $said"
  fact "the release says: by $1, \"$2\"; $(sed -n 3p <<<"$said")"
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
  refusal_says Demo "A slip of the keyboard" 'nightly\.rb:[0-9]+:[0-9]+: error\[syntax\]'
  cores_untouched production "$before"
  sed -i '$d' "$WORK/jobs/nightly.rb"
  echo '# Weekly runs are still to come.' >>"$WORK/jobs/nightly.rb"
  git_push "Take it back"
  follow "its fix"
  watch_still_good
}

# Staging lets errors through, so there the core is the one who says no; production does not.
commits_let_through() {
  local before
  title "A commit that breaks a rule: refused in production, let through in staging"
  before=$(cores production)
  run kubectl -n staging patch td/billing --type=merge -p '{"spec":{"checks":{"definition":"Warning"}}}'
  wait_live staging "$COMMIT"
  sed -i 's|:to => "archive"|:to => "archives"|' "$WORK/jobs/nightly.rb"
  git_push "A name that is not there"
  wait_reason production DefinitionInvalid
  message_has production 'job "invoice" names "archives"' 'did you mean "archive"'
  wait_reason staging CoreFailed
  wait_field staging '.status.conditions[?(@.type=="DefinitionValid")].reason' DefinitionInvalid
  fact "$(condition staging DefinitionValid message)"
  until_so 30 "an event tells it" event_told staging 'let through.*job "invoice" names "archives"'
  fact "an event tells it, too"
  cores_untouched production "$before"
  git_revert
  run kubectl -n staging patch td/billing --type=merge -p '{"spec":{"checks":null}}'
  follow "taken back by git revert"
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
