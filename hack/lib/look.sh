# shellcheck shell=bash
# Looking at things from outside: waits that end when something is so, and the operator's own process.

# until_so SECONDS WHAT COMMAND...: runs the command until it succeeds.
until_so() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || fail "$what"
    sleep 0.1
  done
}

fail() {
  printf '    -> NOT SO: %s\n' "$*"
  return 1
}

# operator_pid NAMESPACE: of the program itself, not of a worker that it started. Its image has no shell to ask.
operator_pid() { pod_pid "$1" app.kubernetes.io/name=tengine-operator "tengine-operator run"; }

# pod_pid NAMESPACE SELECTOR COMMAND: of the process whose command line has that, in a pod of these labels.
pod_pid() {
  local uids pid
  uids=$(kubectl -n "$1" get pods -l "$2" -o json | jq -r '.items[] | select(.metadata.deletionTimestamp | not) | .metadata.uid')
  while read -r pid; do
    [[ -n $uids && $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") == *$3* ]] && echo "$pid" && return
  done < <(grep -lsF "$uids" /proc/[0-9]*/cgroup | cut -d/ -f3)
  fail "$3 runs in $1" >&2
}

# connection_tested NAMESPACE: the Job of a deployment's connection test, which is the memory of it, has passed.
connection_tested() {
  kubectl -n "$1" get jobs -o json |
    jq -e '[.items[] | select(.metadata.ownerReferences[0].kind == "TengineDeployment" and .status.succeeded == 1)] | length == 1'
}
