{{/* The project's own files that match a pattern, in the chart's namespace. */}}
{{- define "dora.files" -}}
{{- $files := .root.Files.Glob (print "files/" .pattern) -}}
{{- if not $files -}}
{{- fail (printf "there is no files/%s in the chart: `make chart` copies what it is made of" .pattern) -}}
{{- end -}}
{{- range $path, $_ := $files }}
{{- if not (has (base $path | trimSuffix ".yaml") ($.without | default list)) }}
---
{{ include "dora.moved" (dict "root" $.root "text" ($.root.Files.Get $path)) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The names of the project's own files that match a pattern: of the files, or of their folders. */}}
{{- define "dora.names" -}}
{{- $names := list -}}
{{- range $path, $_ := .root.Files.Glob (print "files/" .pattern) -}}
{{- $names = append $names (base ($.folders | ternary (dir $path) (trimSuffix ".yaml" $path))) -}}
{{- end -}}
{{- toJson $names -}}
{{- end -}}

{{/* Refuse a name that is none of those there are. */}}
{{- define "dora.known" -}}
{{- $known := include "dora.names" . | fromJsonArray -}}
{{- range .wanted -}}
{{- if and $known (not (has . $known)) -}}
{{- fail (printf "expected %s to name some of %s, got %q" $.value (join ", " $known) .) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A manifest with the chart's labels, in its namespace and of its Broker, in place of its own. */}}
{{- define "dora.moved" -}}
{{- $name := .root.Values.namespace.name -}}
{{- $broker := .root.Values.broker.name -}}
{{- $text := regexReplaceAll "(?m)namespace: dora-cloudevents$" .text (print "namespace: " $name) -}}
{{- $text = replace ".dora-cloudevents.svc" (printf ".%s.svc" $name) $text -}}
{{- $text = regexReplaceAll "(?m)^  broker: dora$" $text (print "  broker: " $broker) -}}
{{- $text = regexReplaceAll "(?m)kind: Broker\n(metadata:\n)?( +)name: dora$" $text (print "kind: Broker\n${1}${2}name: " $broker) -}}
{{- $object := fromYaml $text -}}
{{- $labels := include "dora.labels" (dict "root" .root) | fromYaml -}}
{{- $_ := set $object.metadata "labels" (merge ($object.metadata.labels | default dict) $labels) -}}
{{- toYaml $object -}}
{{- end -}}

{{/* What all objects are labelled with. */}}
{{- define "dora.labels" -}}
app.kubernetes.io/name: dora
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ quote .root.Chart.AppVersion }}
app.kubernetes.io/part-of: dora
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 }}
{{- end -}}

{{/* The kinds of workloads that a source reports. */}}
{{- define "dora.kinds" -}}
{{- .kinds | default (list "Deployment" "StatefulSet" "DaemonSet") | toJson -}}
{{- end -}}

{{/* A source of what happens to workloads, with an account that may look at them and nothing else. */}}
{{- define "dora.workloads" -}}
{{- $kinds := include "dora.kinds" .source | fromJsonArray }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "dora.metadata" . | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .prefix }}Role
metadata:
  name: {{ .name }}
  {{- if not .prefix }}
  namespace: {{ .namespace }}
  {{- end }}
  {{- include "dora.labelled" . | nindent 2 }}
rules:
  {{- with without $kinds "Rollout" }}
  - apiGroups: ["apps"]
    resources:
      {{- range . }}
      - {{ lower . }}s
      {{- end }}
    verbs: ["get", "list", "watch"]
  {{- end }}
  {{- if has "Rollout" $kinds }}
  - apiGroups: ["argoproj.io"]
    resources: ["rollouts"]
    verbs: ["get", "list", "watch"]
  {{- end }}
---
{{ include "dora.bound" (dict "root" .root "name" .name "role" .name "account" .name "namespace" .namespace "prefix" .prefix) }}
---
apiVersion: sources.knative.dev/v1
kind: ApiServerSource
metadata:
  {{- include "dora.metadata" . | nindent 2 }}
spec:
  serviceAccountName: {{ .name }}
  mode: Resource
  resources:
    {{- range $kinds }}
    - apiVersion: {{ eq . "Rollout" | ternary "argoproj.io/v1alpha1" "apps/v1" }}
      kind: {{ . }}
    {{- end }}
  {{- if .prefix }}
  namespaceSelector: {{ .source.selector | default dict | toJson }}
  {{- end }}
  {{- if or .source.environment .source.cluster }}
  ceOverrides:
    extensions:
      {{- with .source.environment }}
      doraenvironment: {{ quote . }}
      {{- end }}
      {{- with .source.cluster }}
      doracluster: {{ quote . }}
      {{- end }}
  {{- end }}
  sink:
    ref:
      apiVersion: eventing.knative.dev/v1
      kind: Broker
      name: {{ .root.Values.broker.name }}
      namespace: {{ .root.Values.namespace.name }}
{{- if .root.Values.sources.resync.image }}
{{- include "dora.resync" . }}
{{- end }}
{{- end -}}

{{/* Name and labels of an object, and its namespace if it is not the chart's. */}}
{{- define "dora.metadata" -}}
name: {{ .name }}
namespace: {{ .namespace | default .root.Values.namespace.name }}
{{ include "dora.labelled" . }}
{{- end -}}

{{/* An object's labels, with those of its own. */}}
{{- define "dora.labelled" -}}
labels:
  {{- include "dora.labels" . | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* A password: the one that is there, or a new one. Who renders without a cluster cannot know it. */}}
{{- define "dora.password" -}}
{{- if not (lookup "v1" "Namespace" "" "default") -}}
{{- fail (printf "database.createSecrets makes passwords, which takes a look at the cluster: `helm install` and `helm upgrade` take it. Where the chart is rendered without (helm template, Argo CD, Flux), make the Secret %s and set database.createSecrets=false and database.existingSecret; charts/dora/README.md has the command" .secret) -}}
{{- end -}}
{{- $secret := lookup "v1" "Secret" .root.Values.namespace.name .secret -}}
{{- if and $secret (hasKey $secret.data .key) -}}
{{- index $secret.data .key -}}
{{- else -}}
{{- randAlphaNum 32 | b64enc -}}
{{- end -}}
{{- end -}}

{{/* Namespaces, as a NetworkPolicy names them. */}}
{{- define "dora.namespaces" -}}
- namespaceSelector:
    matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: In
        values: {{ toJson . }}
{{- end -}}

{{/* What mounts PostgreSQL's own certificate authority, and says where; null where there is none. */}}
{{- define "dora.ca" -}}
{{- with .Values.database.ca }}
{{- if or .configMap .secret }}
{{- $volume := ternary (dict "secret" (dict "secretName" .secret)) (dict "configMap" (dict "name" .configMap)) (empty .configMap) }}
volumes:
  - {{ merge (dict "name" "postgresql-ca") $volume | toJson }}
volumeMounts:
  - {name: postgresql-ca, mountPath: /etc/postgresql-ca, readOnly: true}
env:
  - {name: PGSSLROOTCERT, value: /etc/postgresql-ca/{{ .key }}}
{{- end }}
{{- end }}
{{- end -}}

{{/* What a container may do that needs nothing. */}}
{{- define "dora.restricted" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: ["ALL"]
{{- end -}}
