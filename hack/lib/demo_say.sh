# shellcheck shell=bash
# What the demo prints: titles, commands with their answers, the summary, and what there is to see when a step failed.

STEP=''
SUMMARY=()

title() {
  STEP=$1
  printf '\n== %s\n' "$1"
}

fact() { printf '    -> %s\n' "$*"; }

# A command line as one would type it.
quoted() {
  local word line=()
  for word in "$@"; do
    [[ $word =~ ^[A-Za-z0-9_./:=,@%+-]+$ ]] || word="'${word//\'/\'\\\'\'}'"
    line+=("$word")
  done
  echo "${line[*]}"
}

# Prints a command, runs it, prints what it answered.
run() {
  printf '  $ %s\n' "$(quoted "$@")"
  "$@" 2>&1 | sed -u 's/^/    /'
}

# summary_row STEP WHAT SECONDS...
summary_row() { SUMMARY+=("$(printf '%-46s %8s %8s %8s' "$@")"); }

demo_summary() {
  printf '\n== Seconds after the push, in production\n'
  printf '    %-46s %8s %8s %8s\n' '' seen built ready
  printf '    %s\n' "${SUMMARY[@]}"
  cat <<'TEXT'

Staging is deleted, production runs. To look around:
    eval "$(hack/cluster env)"
    kubectl get td,trel,pods -n production
    kubectl describe td/billing -n production
To stop and remove everything: make down
TEXT
}

demo_failed() {
  set +e
  printf '\n== FAILED: %s\n' "$STEP"
  [[ -n ${KUBECONFIG:-} ]] || return
  local stage
  for stage in "${STAGES[@]}"; do
    printf '\n-- %s\n' "$stage"
    kubectl -n "$stage" get tenginedeployments,tenginereleases,pods -o wide
    kubectl -n "$stage" get tenginedeployment billing -o json | jq -r '.status.conditions[]? | "\(.type)=\(.status) \(.reason): \(.message)"'
  done
  printf '\n-- the operator\n'
  kubectl -n tengine-system get pods
  kubectl -n tengine-system logs deployment/tengine-operator --tail=60
}
