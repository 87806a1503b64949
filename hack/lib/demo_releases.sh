# shellcheck shell=bash
# The demo's releases that are not trusted, and a password that is not: one that Tengine does not load, one that loads and does not work,
# and one that a person takes away again.

RELEASES_USER=''

# production_patch PATCH
production_patch() { run kubectl -n production patch td/billing --type=merge -p "$1"; }

# steps_are RELEASE STEP...: how far it came, as `Build Done`, step by step.
steps_are() {
  local release=$1 said
  shift
  said=$(kubectl -n production get "$release" -o json | jq -r '.status.steps[] | "\(.name) \(.state)"')
  fact "$release: ${said//$'\n'/, }"
  for step in "$@"; do grep -qxF -- "$step" <<<"$said" || fail "not among its steps: $step"; done
}

releases_connection() {
  local before
  title "Preflight: Tengine tests its connection before a changed password reaches a pod"
  before=$(cores production)
  run hack/cluster scratch billing-production
  production_patch '{"spec":{"checks":{"preflight":{"connection":true,"timeout":"2m"}}}}'
  until_so 120 "the connection test passed" connection_tested production
  run kubectl -n production patch secret/billing-mq -p '{"stringData":{"password":"wrong"}}'
  wait_reason production ConnectionTestFailed
  message_has production 'connection test' ACCESS_REFUSED 'Secret billing-mq' "${COMMIT:0:7} keeps serving"
  run kubectl get td -A
  cores_untouched production "$before"
  run kubectl -n production patch secret/billing-mq -p '{"stringData":{"password":"mq-production"}}'
  wait_live production "$COMMIT"
  cores_untouched production "$before"
  watch_still_good
}

releases_preflight() {
  local before
  title "Preflight: Tengine itself loads a commit before a pod is touched"
  before=$(cores production)
  production_patch '{"spec":{"checks":{"preflight":{"load":true,"timeout":"2m"}}}}'
  wait_live production "$COMMIT"
  # shellcheck disable=SC2016 # Ruby's own
  printf 'require "tengine_job"\n\nsend(:quarterly, "invoices")\n' >"$WORK/jobs/quarterly.rb"
  git_push "A word that Tengine does not have"
  wait_reason production LoadFailed
  summary_row "preflight refuses (told)" "" "" "$(say_seconds "$(say_elapsed "$PUSHED")")"
  message_has production "^${COMMIT:0:7}" 'quarterly\.rb:3' NoMethodError quarterly 'keeps serving'
  steps_are "$(release production)" "Build Done" "Preflight Failed"
  cores_untouched production "$before"
  run kubectl get td -A
  git_revert
  follow "taken back by git revert"
  steps_are "$(release production)" "Preflight Done" "RollOut Done"
  watch_still_good
}

releases_verification() {
  local good before
  title "A commit that loads and does not work: what served before serves again"
  production_patch '{"spec":{"checks":{"verification":{"checks":[{"name":"smoke","job":{"command":["sh","smoke.sh"],"timeout":"1m"}}]}}}}'
  echo 'echo "every invoice has its place"' >"$WORK/jobs/smoke.sh"
  git_push "A check of what serves"
  follow "a commit with a verification"
  steps_are "$(release production)" "Verification Done"
  good=$COMMIT
  sed -i 's/until now/in all/' "$WORK/jobs/events/invoices.rb"
  printf 'echo "the archive of invoices is empty"\nexit 1\n' >"$WORK/jobs/smoke.sh"
  git_push "It loads, and does not work"
  wait_reason production VerificationFailed
  message_has production "^${COMMIT:0:7}" smoke 'exit code 1' 'the archive of invoices is empty'
  wait_field production .status.current.commit "$good"
  wait_field production '.status.conditions[?(@.type=="HeldBack")].reason' FellBack
  summary_row "verification fails, the one before is back" "" "" "$(say_seconds "$(say_elapsed "$PUSHED")")"
  steps_are "$(release production)" "RollOut Done" "Verification Failed"
  until_so 120 "two cores of the release before are ready, alone" alone_again
  run kubectl -n production get td,trel
  before=$(cores production; releases_checks)
  run kubectl -n tengine-system delete pods -l app.kubernetes.io/name=tengine-operator
  run kubectl -n tengine-system rollout status deployment/tengine-operator --timeout=120s
  wait_reason production VerificationFailed
  [[ $(cores production; releases_checks) == "$before" ]] || fail "a new operator tries it again"
  fact "a new operator does not try it again: the same cores, and no other Job of a check"
  echo 'echo "every invoice has its place again"' >"$WORK/jobs/smoke.sh"
  git_push "Fill the archive"
  follow "its fix goes live by itself"
  handled_by_new
  watch_still_good
}

alone_again() { [[ $(kubectl -n production get pods -l "$CORE" -o name | wc -l) == 2 && $(cores production | wc -l) == 2 ]]; }

# The Jobs of checks, by UID.
releases_checks() { kubectl -n production get jobs -l tengine.dev/deployment=billing -o jsonpath='{range .items[*]}{.metadata.uid}{"\n"}{end}' | sort; }

releases_roll_back() {
  local now before
  title "A person brings a release back by its name, and lets it go again"
  RELEASES_USER=$(kubectl auth whoami -o jsonpath='{.status.userInfo.username}')
  now=$COMMIT
  before=$(releases_before)
  decide RollBack "${before%% *}" "invoices are doubled"
  PUSHED=$EPOCHREALTIME
  wait_field production .status.current.commit "${before##* }"
  wait_reason production Pinned
  summary_row "roll-back by name (since it was asked)" "" "" "$(say_seconds "$(say_elapsed "$PUSHED")")"
  run kubectl get td -A
  echo '# Quarterly runs are still to come.' >>"$WORK/jobs/nightly.rb"
  git_push "One more commit, while a release is pinned"
  wait_field production .status.next.commit "$COMMIT"
  wait_live staging "$COMMIT"
  wait_reason production Pinned
  wait_field production .status.current.commit "${before##* }"
  run kubectl get td -A
  fact "staging has it, production stays at what was pinned"
  decide Resume
  PUSHED=$EPOCHREALTIME
  follow "a newer one after Resume (since it was asked)"
  run kubectl -n production get tact
  run kubectl -n production get trel
  [[ $COMMIT != "$now" ]] || fail "nothing newer went live"
  handled_by_new
  watch_still_good
}

# Name and commit of the last release but the one that serves that was verified.
releases_before() {
  kubectl -n production get tenginereleases -o json | jq -r --arg serves "$COMMIT" '
    [.items[] | select(.status.verifiedAt and .spec.commit != $serves and (.status.rejectedAt | not))]
    | max_by(.spec.number) | "\(.metadata.name) \(.spec.commit)"'
}

# decide VERB [RELEASE REASON]: as an object, in the name of who asks.
decide() {
  action "deployment: billing, action: $1${2:+, release: $2, reason: $3}, by: { user: $RELEASES_USER }"
  run kubectl create -f "$WORK/action.yaml"
}

# action SPEC: writes and shows one in production.
action() {
  cat >"$WORK/action.yaml" <<YAML
apiVersion: tengine.dev/v1alpha1
kind: TengineAction
metadata: { generateName: billing-, namespace: production }
spec: { $1 }
YAML
  sed 's/^/    /' "$WORK/action.yaml"
}
