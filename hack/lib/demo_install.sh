# shellcheck shell=bash
# What the demo puts in place: the operator by its chart, and each stage's namespace, queue, database and Secrets.

install_clean() {
  local stage
  title "Nothing is left of an earlier demo"
  for stage in "${STAGES[@]}"; do
    kubectl -n "$stage" delete tenginedeployments --all --timeout=60s >/dev/null 2>&1 || true
    run kubectl delete namespace "$stage" --ignore-not-found --timeout=180s
  done
  # An installation that was killed half way blocks the next one.
  if helm list -n tengine-system --pending --short | grep -qx tengine-operator; then
    run helm uninstall tengine-operator --namespace tengine-system --wait
  fi
  git_api DELETE "repos/$TENGINE_GIT_ADMIN/$REPOSITORY" >/dev/null 2>&1 || true
}

install_operator() {
  local stage
  title "The operator, by its Helm chart"
  for stage in "${STAGES[@]}"; do
    run kubectl create namespace "$stage"
    kubectl label namespace "$stage" pod-security.kubernetes.io/enforce=restricted >/dev/null
  done
  # Definitions that were applied by hand, or by another release of the chart, are taken over.
  run helm upgrade --install tengine-operator charts/tengine-operator --namespace tengine-system --create-namespace \
    --take-ownership --values examples/local-cluster-values.yaml --wait --timeout 3m \
    --set image.repository="${TENGINE_OPERATOR_IMAGE%:*}" --set image.digest="$(crane digest "$TENGINE_OPERATOR_IMAGE")"
  kubectl label namespace tengine-system --overwrite pod-security.kubernetes.io/enforce=restricted >/dev/null
  run kubectl -n tengine-system get pods
}

install_stages() {
  local stage
  title "A private repository; for each stage a queue, a database and Secrets"
  git_repository
  for stage in "${STAGES[@]}"; do
    run hack/cluster vhost "billing-$stage" "mq-$stage"
    run hack/cluster database "billing-$stage" "db-$stage"
    install_secret "$stage" billing-git "$TENGINE_GIT_ADMIN" "$TENGINE_GIT_PASSWORD"
    install_secret "$stage" billing-mq "billing-$stage" "mq-$stage"
    install_secret "$stage" billing-db "billing-$stage" "db-$stage"
  done
}

# install_secret STAGE NAME USER PASSWORD
install_secret() { run kubectl -n "$1" create secret generic "$2" --from-literal=username="$3" --from-literal=password="$4"; }
