{{- define "tengine-operator.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "tengine-operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "tengine-operator.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "tengine-operator.selector" -}}
app.kubernetes.io/name: {{ include "tengine-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tengine-operator.labels" -}}
{{ include "tengine-operator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "tengine-operator.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "tengine-operator.fullname" .) -}}
{{- else -}}
{{- required "serviceAccount.name must be set when serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "tengine-operator.image" -}}
{{- $repository := required "image.repository must be set: where the operator's image is, for example registry.example.com/ops/tengine-operator" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "tengine-operator.lease" -}}
{{- .Values.lease.name | default (include "tengine-operator.fullname" .) -}}
{{- end -}}

{{- /* The name of one shard's objects: that of all, where there is only one. Takes a dict of root and shard. */ -}}
{{- define "tengine-operator.shardName" -}}
{{- include "tengine-operator.fullname" .root -}}
{{- if gt (int .root.Values.shards) 1 }}-shard-{{ .shard }}{{ end -}}
{{- end -}}

{{- /* The pods of one shard. */ -}}
{{- define "tengine-operator.shardSelector" -}}
{{ include "tengine-operator.selector" .root }}
{{- if gt (int .root.Values.shards) 1 }}
tengine.dev/shard: {{ .shard | quote }}
{{- end }}
{{- end -}}

{{- /* The Leases: one that all share, which says how many shards there are, and one for each. */ -}}
{{- define "tengine-operator.leases" -}}
{{- $names := list (include "tengine-operator.lease" .) -}}
{{- if gt (int .Values.shards) 1 -}}
{{- range $shard := untilStep 1 (add1 .Values.shards | int) 1 -}}
{{- $names = append $names (printf "%s-shard-%d" (include "tengine-operator.lease" $) $shard) -}}
{{- end -}}
{{- end -}}
{{- join ", " $names -}}
{{- end -}}

{{- define "tengine-operator.actionPolicy" -}}
{{- .Values.actionPolicy.name | default (printf "%s-actions" (include "tengine-operator.fullname" .)) -}}
{{- end -}}

{{- /* What the operator may do where it looks: in the whole cluster, or in each of its namespaces. */ -}}
{{- define "tengine-operator.rules" -}}
# It writes those that are an instance of another one (strategy.activeStandby.instances), and no others.
- apiGroups: [tengine.dev]
  resources: [tenginedeployments]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [tengine.dev]
  resources: [tenginereleases]
  verbs: [get, list, watch, create, patch, delete]
# A person's decisions are theirs to make: the operator answers them, and removes old ones.
- apiGroups: [tengine.dev]
  resources: [tengineactions]
  verbs: [get, list, watch, delete]
- apiGroups: [tengine.dev]
  resources: [tenginedeployments/status, tenginereleases/status, tengineactions/status]
  verbs: [get, patch]
# Owner references that block deletion need this where OwnerReferencesPermissionEnforcement is on.
- apiGroups: [tengine.dev]
  resources: [tenginedeployments/finalizers, tenginereleases/finalizers]
  verbs: [update]
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, patch, delete]
# One of the cores, where there are more than one.
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
# The checks of a release.
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, list, watch, create, delete]
# Metadata is watched: which pods follow which template of a Deployment.
- apiGroups: [apps]
  resources: [replicasets]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch, create, patch, delete]
# Metadata is watched; content is read by name, of the Secrets that a TengineDeployment refers to.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [pods, serviceaccounts]
  verbs: [get, list, watch]
# An annotation tells cores that wait (strategy.type: HandOver, ActiveStandby) that their turn has come.
- apiGroups: [""]
  resources: [pods]
  verbs: [patch]
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{- /* The bytes of a quantity such as 512Mi, 1.5Gi or 1G. */ -}}
{{- define "tengine-operator.bytes" -}}
{{- $number := regexFind "^[0-9]+([.][0-9]+)?" (toString .) -}}
{{- $unit := trimPrefix $number (toString .) -}}
{{- $units := dict "k" 1000.0 "M" 1000000.0 "G" 1000000000.0 "T" 1000000000000.0 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 -}}
{{- mulf (float64 $number) (get $units $unit | default 1.0) | int64 -}}
{{- end -}}

{{- /* A worker that goes to its limit must fail alone: a container that is out of memory is ended as a whole, operator and all. */ -}}
{{- define "tengine-operator.checkMemory" -}}
{{- with ((.Values.resources | default dict).limits | default dict).memory -}}
{{- $workers := mul (include "tengine-operator.bytes" $.Values.worker.memory | int64) (add1 ($.Values.worker.concurrency | int64)) -}}
{{- $looks := mul 134217728 3 ($.Values.worker.concurrency | int64) -}}
{{- if gt (add $workers $looks 268435456) (include "tengine-operator.bytes" . | int64) -}}
{{- fail (printf "resources.limits.memory: %v does not hold worker.memory (%v) times worker.concurrency and one more (%v + 1), three times worker.concurrency of 128Mi for looks over SSH, and 256Mi for the operator itself: raise it, or lower one of them" . $.Values.worker.memory $.Values.worker.concurrency) -}}
{{- end -}}
{{- end -}}
{{- end -}}
