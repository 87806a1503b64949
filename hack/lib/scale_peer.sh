# shellcheck shell=bash
# The peer of bench-scale: Flux's source-controller, as its own manifests install it, limited to a namespace of its own like the operator, but
# without their limits of processor and memory. A GitRepository of it fetches a branch and keeps an archive of it: what the operator does, less the image.

PEER=source-controller
PEER_SPACE=bench-scale-peer
PEER_GROUP=source.toolkit.fluxcd.io

peer_space() { echo "$PEER_SPACE"; }
peer_user() { echo "system:serviceaccount:$PEER_SPACE:$PEER"; }
peer_selector() { echo app=$PEER; }
peer_program() { echo "$PEER --"; }

# Its program alone, in an image.
peer_image() {
  local folder key
  PEER_IMAGE=$TENGINE_REGISTRY/ops/$PEER:bench
  key=$(declare -f peer_image | cat - <(tools_folder "$PEER") | cache_key)
  image_is_made "$PEER_IMAGE" "$key" && return
  folder=$(mktemp -d)
  install -D "$(tools_folder "$PEER")/bin/$PEER" "$folder/root/$PEER"
  chmod 755 "$folder/root"
  image_layer "$folder/root" "$folder/layer.tar"
  image_append scratch "$folder/layer.tar" "$PEER_IMAGE" "$key" --entrypoint "/$PEER" --user 65534:65534
  rm -rf "$folder"
}

# peer_install REPLICAS
peer_install() {
  kubectl apply --server-side -f "$(tools_folder "$PEER")/crds"
  kubectl wait --for=condition=Established --timeout=60s -f "$(tools_folder "$PEER")/crds"
  kubectl create namespace "$PEER_SPACE"
  kubectl -n "$PEER_SPACE" create secret generic git --from-literal=username="$TENGINE_GIT_ADMIN" --from-literal=password="$TENGINE_GIT_PASSWORD"
  peer_manifests "$1" | kubectl -n "$PEER_SPACE" apply -f -
  kubectl -n "$PEER_SPACE" rollout status deployment "$PEER" --timeout=120s
}

peer_manifests() {
  cat <<YAML
apiVersion: v1
kind: ServiceAccount
metadata: {name: $PEER}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: $PEER}
rules:
  - {apiGroups: [$PEER_GROUP], resources: ["*"], verbs: ["*"]}
  - {apiGroups: [""], resources: [secrets, serviceaccounts], verbs: [get, list, watch]}
  - {apiGroups: [""], resources: [events], verbs: [create, patch]}
  - {apiGroups: ["", coordination.k8s.io], resources: [configmaps, leases], verbs: ["*"]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: $PEER}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: $PEER}
subjects: [{kind: ServiceAccount, name: $PEER, namespace: $PEER_SPACE}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: $PEER}
spec:
  replicas: $1
  strategy: {type: Recreate}
  selector: {matchLabels: {app: $PEER}}
  template:
    metadata: {labels: {app: $PEER}}
    spec:
      serviceAccountName: $PEER
      terminationGracePeriodSeconds: 10
      securityContext: {fsGroup: 1337}
      containers:
        - name: manager
          image: $PEER_IMAGE
          imagePullPolicy: Always
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            capabilities: {drop: [ALL]}
          env:
            - {name: RUNTIME_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
            - {name: TUF_ROOT, value: /tmp/.sigstore}
          args:
            - --watch-all-namespaces=false
            - --log-level=info
            - --log-encoding=json
            - --enable-leader-election
            - --storage-path=/data
            - --storage-adv-addr=$PEER.$PEER_SPACE.svc.cluster.local.
          livenessProbe: {httpGet: {port: 9440, path: /healthz}}
          readinessProbe: {httpGet: {port: 9090, path: /}}
          volumeMounts: [{name: data, mountPath: /data}, {name: tmp, mountPath: /tmp}]
      volumes: [{name: data, emptyDir: {}}, {name: tmp, emptyDir: {}}]
YAML
}

# Its objects have finalizers, so it goes after them; where it has gone before, they are taken away. Its kinds go with it: nothing else here
# has them.
peer_remove() {
  kubectl get crd "gitrepositories.$PEER_GROUP" >/dev/null 2>&1 || return 0
  kubectl -n "$PEER_SPACE" delete gitrepositories --all --timeout=300s >/dev/null 2>&1 || true
  kubectl -n "$PEER_SPACE" get gitrepositories -o name 2>/dev/null |
    xargs -r -n 1 kubectl -n "$PEER_SPACE" patch --type=merge -p '{"metadata":{"finalizers":null}}' >/dev/null || true
  kubectl delete namespace "$PEER_SPACE" --timeout=300s >/dev/null 2>&1 || true
  kubectl delete --timeout=60s -f "$(tools_folder "$PEER")/crds" >/dev/null || true
}

peer_kind() { echo gitrepositories; }

# peer_object NUMBER
peer_object() {
  cat <<YAML
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: d$1, namespace: $PEER_SPACE}
spec:
  url: "$(scale_url "$1")"
  ref: {branch: $(scale_branch "$1")}
  secretRef: {name: git}
  interval: $INTERVAL
YAML
}

# NAME, URL, AGE, READY, and "stored artifact for revision 'BRANCH@sha1:COMMIT'".
peer_ready() { grep -cE "^[^ ]+ +[^ ]+ +[^ ]+ +True .*@sha1:$1" || true; }

# Of how many objects its log speaks since it began.
peer_looked() {
  kubectl -n "$PEER_SPACE" logs "deployment/$PEER" --tail=-1 | jq -R 'fromjson? | .GitRepository.name // empty' | sort -u | wc -l
}
