# shellcheck shell=bash
# The demo's wrong settings in staging, each seen as what it is while production goes on; then stopping and deleting.

# staging_patch PATCH
staging_patch() { run kubectl -n staging patch td/billing --type=merge -p "$1"; }

# staging_told REASON BEFORE: staging says this, production stays as it was.
staging_told() {
  wait_reason staging "$1"
  message_has staging
  run kubectl get td -A
  cores_untouched production "$2"
  [[ $(condition production Ready status) == True ]] || fail "production is not ready"
}

settings_branch() {
  local before
  title "A wrong branch in staging"
  before=$(cores production)
  staging_patch '{"spec":{"source":{"git":{"ref":{"branch":"mian"}}}}}'
  staging_told RefNotFound "$before"
  staging_patch '{"spec":{"source":{"git":{"ref":{"branch":"main"}}}}}'
  wait_live staging "$COMMIT"
}

settings_password() {
  local before
  title "A wrong Git password in staging"
  before=$(cores production)
  run kubectl -n staging patch secret/billing-git -p '{"stringData":{"password":"wrong"}}'
  staging_told AuthenticationFailed "$before"
  run kubectl -n staging patch secret/billing-git -p "{\"stringData\":{\"password\":\"$TENGINE_GIT_PASSWORD\"}}"
  wait_live staging "$COMMIT"
}

# The second registry wants a password, and staging names no Secret for one.
settings_registry() {
  local before
  title "A wrong registry in staging"
  before=$(cores production)
  staging_patch "{\"spec\":{\"image\":{\"repository\":\"$TENGINE_AUTH_REGISTRY/demo/billing\"}}}"
  wait_field staging '.status.conditions[?(@.type=="TargetReady")].status' False
  staging_told "$(condition staging TargetReady reason)" "$before"
  staging_patch "{\"spec\":{\"image\":{\"repository\":\"$TENGINE_REGISTRY/demo/billing\"}}}"
  wait_live staging "$COMMIT"
}

# What operators asked the registry about the stages' images so far.
registry_asked() { grep -c '/v2/demo/billing/.*"tengine-operator/' "$TENGINE_REGISTRY_LOG"; }

settings_scale() {
  local image releases asked
  title "Stop production, and start it again"
  image=$(kubectl -n production get td/billing -o jsonpath='{.status.current.image}')
  releases=$(kubectl -n production get tenginereleases -o name)
  asked=$(registry_asked)
  run kubectl -n production scale td/billing --replicas=0
  wait_reason production Stopped
  run kubectl -n production wait --for=delete pods -l "$CORE" --timeout=120s
  run kubectl -n production get td
  run kubectl -n production scale td/billing --replicas=2
  wait_live production "$COMMIT"
  run kubectl -n production get td,pods
  [[ $(kubectl -n production get td/billing -o jsonpath='{.status.current.image}') == "$image" ]] || fail "another image runs"
  [[ $(kubectl -n production get tenginereleases -o name) == "$releases" ]] || fail "there is another release"
  [[ $(registry_asked) == "$asked" ]] || fail "the registry was asked about images"
  fact "the same image, no new release, no question to the registry"
  event_handled production "$COMMIT"
}

settings_delete() {
  local kinds=deployments,replicasets,pods,configmaps,tenginereleases
  title "Delete staging's deployment: everything that was made for it goes"
  run kubectl -n staging get "$kinds" -l tengine.dev/deployment=billing -o name
  run kubectl -n staging delete td/billing --timeout=120s
  run kubectl -n staging wait --for=delete "$kinds" -l tengine.dev/deployment=billing --timeout=180s
  [[ -z $(kubectl -n staging get "$kinds" -l tengine.dev/deployment=billing -o name) ]] || fail "something is left"
  run kubectl -n staging get "$kinds,td"
}

settings_look() {
  title "What there is to see"
  run kubectl get td -A -o wide
  run kubectl get td,trel,pods -n production
  run kubectl describe td/billing -n production
  run kubectl explain tenginedeployment.spec
}
