# shellcheck shell=bash
# The operator as one side of bench-scale: installed by its chart, in a namespace of its own, to which it is limited.

operator_space() { echo "$SPACE"; }
operator_user() { echo "system:serviceaccount:$SPACE:$SPACE-operator-tengine-operator"; }
operator_selector() { echo app.kubernetes.io/name=tengine-operator; }
operator_program() { echo "tengine-operator run"; }

# operator_install REPLICAS
operator_install() {
  local secret
  kubectl create namespace "$SPACE"
  helm upgrade --install "$SPACE-operator" "$ROOT/charts/tengine-operator" --namespace "$SPACE" --wait --timeout 2m --take-ownership \
    --set image.repository="${TENGINE_OPERATOR_IMAGE%:*}" --set image.digest="$(crane digest "$TENGINE_OPERATOR_IMAGE")" \
    --set "replicas=$1" --set "namespaces={$SPACE}" --set hosts.registries."${TENGINE_REGISTRY//./\\.}".plainHttp=true
  for secret in git broker database; do
    kubectl -n "$SPACE" create secret generic "$secret" --from-literal=username="$TENGINE_GIT_ADMIN" --from-literal=password="$TENGINE_GIT_PASSWORD"
  done
}

operator_remove() {
  kubectl -n "$SPACE" delete tenginedeployments --all --timeout=300s >/dev/null 2>&1 || true
  helm uninstall "$SPACE-operator" --namespace "$SPACE" >/dev/null 2>&1 || true
  kubectl delete namespace "$SPACE" --timeout=600s >/dev/null 2>&1 || true
}

operator_kind() { echo tenginedeployments; }

# operator_object NUMBER
operator_object() {
  cat <<YAML
---
apiVersion: tengine.dev/v1alpha1
kind: TengineDeployment
metadata: {name: d$1, namespace: $SPACE}
spec:
  source:
    git: {url: "$(scale_url "$1")", ref: {branch: $(scale_branch "$1")}, secretRef: {name: git}}
    interval: $INTERVAL
  image:
    base: {reference: "$TENGINE_CORE_IMAGE"}
    repository: $TENGINE_REGISTRY/bench-scale/definition
  tengine:
    eventQueue: {host: $TENGINE_AMQP_HOST, port: $TENGINE_AMQP_PORT, vhost: v$1, secretRef: {name: broker}}
    database: {hosts: ["$TENGINE_PG_HOST:$TENGINE_PG_PORT"], name: d$1, secretRef: {name: database}}
    heartbeatWatchd: {enabled: false}
    atd: {enabled: false}
  replicas: 0
YAML
}

# Ready, and at this commit: the columns of `kubectl get td`. Without one, Ready at any.
operator_ready() { grep -cE "^[^ ]+ +True +[^ ]+ +[^ ]*@${1:0:7}" || true; }

# How many reconciles the new process has behind it, once it has an answer of the Git host that they share. Nothing is reconciled before
# the caches are full, and nothing twice before everything was once, so this many objects were looked at.
operator_looked() {
  local looks
  looks=$(scale_metric 'tengine_operator_looks_total{what="Source"')
  if ((looks == 0)); then echo 0; else scale_metric tengine_operator_reconciles_total; fi
}
