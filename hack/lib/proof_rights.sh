# shellcheck shell=bash
# What the operator may do, with the chart's Roles and with its ClusterRole, and that it works with either.

# operator_install FLAGS...: as the demo does, with more flags.
operator_install() {
  helm upgrade --install tengine-operator charts/tengine-operator --namespace tengine-system --values examples/local-cluster-values.yaml \
    --set image.repository="${TENGINE_OPERATOR_IMAGE%:*}" \
    --set image.digest="$(kubectl -n tengine-system get deployment/tengine-operator -o json | jq -r '.spec.template.spec.containers[0].image | split("@")[1]')" \
    --wait --timeout 3m "$@"
}

may_not() {
  local words
  while read -r words; do
    # shellcheck disable=SC2086 # several words
    ! kubectl auth can-i $words --as "$OPERATOR" >/dev/null 2>&1 || fail "may: $words"
  done
}

# Whatever the mode.
may_never() {
  may_not <<'TEXT'
create secrets -n production
update secrets -n production
patch secrets -n production
delete secrets -n production
create pods -n production
delete pods -n production
create pods/exec -n production
create serviceaccounts/token -n production
update tenginedeployments -n production
deletecollection tenginedeployments -n production
create roles -n production
create rolebindings -n production
create clusterrolebindings
escalate clusterroles
get nodes
delete namespaces
create cronjobs.batch -n production
patch jobs.batch -n production
update leases -n kube-system
impersonate users
TEXT
}

least_privilege() {
  may_never
  may_not <<'TEXT'
get secrets -n kube-system
create deployments -n kube-system
create tenginedeployments -n kube-system
patch tenginedeployments -n kube-system
delete tenginedeployments -n kube-system
list tenginedeployments -A
list pods -A
TEXT
}

# An operator that looks everywhere would take up others' deployments too.
cluster_wide() {
  local before others
  others=$(kubectl get td -A -o json | jq -r '.items[].metadata | select(.namespace | IN("staging", "production") | not) | "\(.namespace)/\(.name)"')
  [[ -z $others ]] || skip "there are deployments of others: ${others//$'\n'/ }"
  before=$(cores production)
  trap cluster_wide_end EXIT
  operator_install --set-json 'namespaces=[]'
  kubectl get clusterrole tengine-operator
  ! kubectl get roles -n production -o name | grep tengine-operator || fail "the Roles are still there"
  may_never
  # It works, in a namespace that it was never told of, and restarted nothing.
  kubectl create namespace proof-elsewhere
  kubectl create --dry-run=client -o json -f examples/staging.yaml | jq '.metadata.namespace = "proof-elsewhere"' | kubectl apply -f -
  wait_reason proof-elsewhere SecretMissing
  wait_reason production UpToDate
  cores_untouched production "$before"
  echo "# cluster-wide $EPOCHREALTIME" >>"$WORK/jobs/nightly.rb"
  git_push "A commit for an operator of the whole cluster"
  wait_live production "$COMMIT"
  cluster_wide_end
  trap - EXIT
  ! kubectl get clusterrole tengine-operator || fail "the ClusterRole is still there"
  least_privilege
  wait_reason production UpToDate
}

cluster_wide_end() {
  kubectl delete namespace proof-elsewhere --timeout=120s --ignore-not-found
  operator_install
}
