# shellcheck shell=bash
# The demo's decisions of people: an earlier release is brought back by hand, stays while new commits come, and is let go.

# act VERB [RELEASE]: one TengineAction about production, created as oneself; waits for the answer.
act() {
  local name action answer
  name=$(tr '[:upper:]' '[:lower:]' <<<"billing-$1-$RANDOM")
  action=$(
    cat <<TEXT
apiVersion: tengine.dev/v1alpha1
kind: TengineAction
metadata: { name: $name }
spec: { deployment: billing, action: $1, ${2:+release: $2, }by: { user: $(kubectl auth whoami -o jsonpath='{.status.userInfo.username}') } }
TEXT
  )
  printf '  $ kubectl -n production create -f - <<TEXT\n%s\nTEXT\n' "$action"
  kubectl -n production create -f - <<<"$action" | sed 's/^/    /'
  run kubectl -n production wait "tact/$name" --for=jsonpath='{.status.outcome}' --timeout=60s
  answer=$(kubectl -n production get "tact/$name" -o jsonpath='{.status.outcome}: {.status.message}')
  fact "$answer"
  [[ $answer == Done:* ]] || fail "it was not done"
}

# serving FIELD: of what runs in production.
serving() { kubectl -n production get td/billing -o jsonpath="{.status.current.$1}"; }

actions_roll_back() {
  local newest prior asked
  title "Bring an earlier release back by hand; new commits wait until it is let go"
  newest=$(serving release)
  prior=$(kubectl -n production get trel -o json | jq -r --arg newest "$newest" '[.items[] | select(.spec.deployment == "billing" and
    .status.verifiedAt and .metadata.name != $newest)] | max_by(.spec.number) | .metadata.name')
  asked=$(registry_asked)
  act RollBack "$prior"
  wait_reason production Pinned
  until_so 120 "$prior serves" serves "$prior"
  [[ $(registry_asked) == "$asked" ]] || fail "the registry was asked about images"
  fact "no question to the registry"
  sed -i '$d' "$WORK/jobs/nightly.rb"
  echo '# Weekly runs come later.' >>"$WORK/jobs/nightly.rb"
  git_push "While an earlier release is pinned"
  until_so 180 "a release of ${COMMIT:0:7}" release production
  run kubectl -n production wait "$(release production)" --for=jsonpath='{.status.image}' --timeout=180s
  until_so 60 "it is shown as the next one" is_next "$COMMIT"
  run kubectl get td,trel -n production
  serves "$prior" || fail "$prior does not serve any more"
  [[ $(condition production Ready reason) == Pinned ]] || fail "it is not pinned any more"
  act Resume
  follow "let go, the newest commit"
  run kubectl -n production get tact
  handled_by_new
  watch_still_good
}

serves() { [[ $(serving release) == "$1" ]]; }

is_next() { [[ $(kubectl -n production get td/billing -o jsonpath='{.status.next.commit}') == "$1" ]]; }
