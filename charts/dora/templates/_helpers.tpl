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

{{/* A manifest in the chart's namespace, in place of its own. */}}
{{- define "dora.moved" -}}
{{- $name := .root.Values.namespace.name -}}
{{- $text := regexReplaceAll "(?m)namespace: dora-cloudevents$" .text (print "namespace: " $name) -}}
{{- replace ".dora-cloudevents.svc" (printf ".%s.svc" $name) $text -}}
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
  name: {{ .name }}
  namespace: {{ .namespace }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .prefix }}Role
metadata:
  name: {{ .name }}
  {{- if not .prefix }}
  namespace: {{ .namespace }}
  {{- end }}
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
{{ include "dora.bound" (dict "name" .name "role" .name "account" .name "namespace" .namespace "prefix" .prefix) }}
---
apiVersion: sources.knative.dev/v1
kind: ApiServerSource
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
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
      name: dora
      namespace: {{ .root.Values.namespace.name }}
{{- if .root.Values.sources.resync.image }}
{{- include "dora.resync" . }}
{{- end }}
{{- end -}}

{{/* Name and namespace of an object. */}}
{{- define "dora.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Values.namespace.name }}
{{- end -}}

{{/* A password: the one that is there, or a new one. */}}
{{- define "dora.password" -}}
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

{{/* What a container may do that needs nothing. */}}
{{- define "dora.restricted" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: ["ALL"]
{{- end -}}
