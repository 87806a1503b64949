# shellcheck shell=bash
# What bench-scale measures of a side (SIDE: operator, peer), and the table of it.

# scale_figure KEY WHAT COMMAND…: how long it takes, what the side uses meanwhile (workers that ended included), and its memory.
scale_figure() {
  local key=$1 what=$2 before took used start=$EPOCHREALTIME
  shift 2
  before=$(scale_ticks)
  "$@" >/dev/null
  took=$(scale_since "$start")
  used=$(awk -v used="$(($(scale_ticks) - before))" -v hertz="$(getconf CLK_TCK)" 'BEGIN {printf "%.2f", used / hertz}')
  scale_note "$key.seconds" "$took"
  scale_note "$key.processor" "$used"
  scale_memory "$key"
  printf '%-9s %-5s %-22s %7.1f s  %7.2f s of a processor  %6.1f MiB resident (%.1f MiB its own)\n' \
    "$SIDE" "$CASE" "$what" "$took" "$used" "$RESIDENT" "$OWN"
}

scale_since() { awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN {printf "%.2f", to - from}'; }

# User and system time of the process, and of its children that ended.
scale_ticks() { sed 's/^.*) //' "/proc/$PID/stat" | awk '{print $12 + $13 + $14 + $15}'; }

scale_memory() {
  read -r RESIDENT OWN < <(awk '/^VmRSS/ {all = $2} /^RssAnon/ {own = $2} END {printf "%.2f %.2f\n", all / 1024, own / 1024}' "/proc/$PID/status")
  scale_note "$1.resident" "$RESIDENT"
}

# The side's own process, not a worker that it started. Its image has no shell to ask.
scale_pid() { pod_pid "$("${SIDE}_space")" "$("${SIDE}_selector")" "$("${SIDE}_program")"; }

# scale_metric NAME: the sum of all series that begin so.
scale_metric() {
  curl -fsS "http://$ADDRESS:8080/metrics" | awk -v name="$1" 'index($0, name) == 1 {sum += $NF} END {printf "%d\n", sum}'
}

# scale_note KEY VALUE: of this side and case.
scale_note() { printf '%s\t%s.%s\t%s\n' "$SIDE" "$CASE" "$1" "$2" >>"$WORK/figures"; }

# Seen as a watch tells it: a listing of a thousand objects every second would be work for the same processors.
scale_until_ready() {
  local watch status=0
  kubectl -n "$("${SIDE}_space")" get "$("${SIDE}_kind")" --no-headers --watch >"$WORK/seen" &
  watch=$!
  until_so "$LONGEST" "all are Ready${1:+ at ${1:0:7}}" scale_all_ready "${1:-}" || status=$?
  kill "$watch"
  wait "$watch" || true
  return "$status"
}

scale_all_ready() {
  sleep 0.5
  (($(awk '{line[$1] = $0} END {for (name in line) print line[name]}' "$WORK/seen" | "${SIDE}_ready" "$1") == OBJECTS))
}

# The value that is in the middle of those of all rounds; of writes, of which there should be none, the most.
scale_median() {
  awk -F '\t' -v side="$1" -v key="$2" '$1 == side && $2 == key {print $3}' "$WORK/figures" | sort -g |
    awk -v worst="${2##*.}" '{value[NR] = $1} END {if (!NR) exit; if (worst == "writes") printf "%d", value[NR]; else printf "%.2f", (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2}'
}

# scale_row KEY WHAT UNIT AIM: `AIM` is `0.5×` of the peer, or a number of the unit.
scale_row() {
  local ours peer
  ours=$(scale_median operator "$1")
  peer=$(scale_median peer "$1")
  [[ -n $ours ]] || return 0
  awk -v what="$2" -v unit="$3" -v aim="$4" -v ours="$ours" -v peer="$peer" 'BEGIN {
    ratio = peer > 0 ? ours / peer : ""
    if (aim ~ /×/) missed = ratio != "" && ratio > aim + 0
    else missed = aim != "" && ours > aim + 0
    printf "%-56s %9.2f %9s %-4s %7s  %-10s %s\n", what, ours, peer == "" ? "-" : peer, unit, ratio == "" ? "-" : sprintf("%.2f×", ratio),
      aim == "" ? "" : "≤ " aim, aim == "" ? "" : aim ~ /×/ && ratio == "" ? "-" : missed ? "missed" : "met" }'
}

scale_table() {
  printf '\n%-56s %9s %9s %-4s %7s  %s\n' "median of $ROUNDS round(s), $OBJECTS objects, interval $INTERVAL" operator peer "" ratio aim
  scale_row one.ready.seconds "new objects, one repository: all Ready" s 0.5×
  scale_row many.ready.seconds "new objects, as many repositories: all Ready" s 1.0×
  scale_row one.ready.processor "  processor until then, one repository" s ""
  scale_row many.ready.processor "  processor until then, as many repositories" s ""
  scale_row one.rest.processor "processor in $REST s of rest, one repository" s 0.5×
  scale_row many.rest.processor "processor in $REST s of rest, as many repositories" s 0.5×
  scale_row one.rest.writes "  writes in it besides the Lease, one repository" "" 0
  scale_row many.rest.writes "  writes in it besides the Lease, as many repositories" "" 0
  scale_row one.rest.requests "  requests to the Git host in it, one repository" "" ""
  scale_row many.rest.requests "  requests to the Git host in it, as many repositories" "" ""
  scale_row one.asked.seconds "reconcile-at on one of them: the Git host is asked" s 1
  scale_row one.push.seconds "push: all at the new release" s 1.0×
  scale_row one.push.processor "  processor until then" s ""
  scale_row one.idle.resident "resident, no object" MiB ""
  scale_row one.rest.resident "resident, one repository" MiB 64
  scale_row many.rest.resident "resident, as many repositories" MiB 64
  scale_row one.further "  for each object" KiB 40
  scale_row many.further "  for each object, as many repositories" KiB 40
  scale_row one.restart.seconds "restart: everything looked at again, one repository" s 0.5×
  scale_row one.restart.processor "  processor until then" s ""
  scale_row one.restart.writes "  writes besides the Lease" "" 0
  scale_row many.restart.seconds "restart: everything looked at again, as many" s 0.5×
  scale_row many.restart.writes "  writes besides the Lease" "" 0
  scale_row one.apply.seconds "kubectl apply of all" s ""
  scale_row one.apply.share "  against without the operator running" "" 1.33
  scale_row most.ready.seconds "$MOST objects, interval 10m, one run: all Ready" s ""
  scale_row most.rest.processor "  processor in $REST s of rest" s ""
  scale_row most.rest.resident "  resident" MiB 400
  scale_row most.rest.waiting "  looks that wait" "" 0
  scale_row most.further "  for each object" KiB 40
  scale_row most.restart.seconds "  restart: everything looked at again" s ""
  scale_row most.restart.writes "  writes besides the Lease" "" 0
  scale_row reconcile.1000 "a reconcile with nothing to do, one run, one of 1,000" ms 1
  scale_row reconcile.10000 "  one of 10,000" ms 2
}
