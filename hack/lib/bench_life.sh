# shellcheck shell=bash
# The life of a release that is not trusted, step by step, and how long it takes to take it back.

bench_life() {
  local first
  "$HACK/cluster" scratch "$SPACE" >&2
  core_serves >&2
  first=$COMMIT
  kubectl -n "$SPACE" patch td "$SPACE" --type=merge -p '{"spec":{"checks":{
    "preflight": {"connection": true, "load": true, "timeout": "2m"},
    "tests": [{"name": "units", "job": {"command": ["true"], "timeout": "1m"}}],
    "verification": {"checks": [{"name": "smoke", "job": {"command": ["true"], "timeout": "1m"}}]}}}}' >&2
  until_so 120 "the connection was tested" connection_tested "$SPACE"
  COMMIT=$(bench_push life)
  until_so 300 "the commit is live, and verified" core_is_live
  printf '\na release of two cores with every proof, step by step\n'
  life_steps
  life_roll_back "$first"
  events_decide Resume >&2
  until_so 300 "the newest serves again" core_is_live >&2
}

# What its record says; whole seconds, as Kubernetes writes them.
life_steps() {
  kubectl -n "$SPACE" get tenginereleases -o json | jq -r --arg commit "$COMMIT" '
    [.items[] | select(.spec.commit == $commit)] | last | .status.steps[] | select(.since and .until)
    | "  \(.name) \((.until | fromdate) - (.since | fromdate)) s"'
}

# life_roll_back COMMIT: from the action until two cores of that commit are ready. While one of them was starting is the cores' own time.
life_roll_back() {
  local began image
  image=$(kubectl -n "$SPACE" get tenginereleases -o json | jq -r --arg commit "$1" '[.items[] | select(.spec.commit == $commit)] | last | .status.image')
  bench_watch >&2
  until_so 30 "the watches began" grep -q " up $(life_image_now) " "$WORK/seen"
  began=$((${EPOCHREALTIME/[.,]/} / 1000))
  events_roll_back >&2
  sort -n -s "$WORK/seen" | awk -v began="$began" -v image="$image" '
    $1 < began || $3 != image || ($2, $4) in seen { next }
    { seen[$2, $4] = 1 }
    $2 == "started" && starting++ == 0 { since = $1 }
    $2 == "up" { last = $1; if (--starting == 0) own += $1 - since }
    END { printf "roll-back: %.1f s until the last core is ready, %.1f s of it the start of cores, %.1f s besides\n",
            (last - began) / 1000, own / 1000, (last - began - own) / 1000 }'
}

life_image_now() { kubectl -n "$SPACE" get pods -l app.kubernetes.io/component=core -o jsonpath='{.items[0].spec.containers[0].image}'; }
