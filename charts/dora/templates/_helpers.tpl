{{/* The project's own files that match a pattern, in the chart's namespace. */}}
{{- define "dora.files" -}}
{{- $files := .root.Files.Glob (print "files/" .pattern) -}}
{{- if not $files -}}
{{- fail (printf "there is no files/%s in the chart: `make chart` copies what it is made of" .pattern) -}}
{{- end -}}
{{- range $path, $_ := $files }}
{{- if not (has (base $path | trimSuffix ".yaml") ($.without | default list)) }}
---
{{ include "dora.moved" (dict "root" $.root "text" ($.root.Files.Get $path) "watched" $.watched) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A manifest in the chart's namespace, and with the namespace that is watched, in place of its own. */}}
{{- define "dora.moved" -}}
{{- $text := regexReplaceAll "(?m)namespace: dora-cloudevents$" .text "namespace: (ours)" -}}
{{- $text = regexReplaceAll "(?m)namespace: default$" $text (print "namespace: " (.watched | default "default")) -}}
{{- replace "namespace: (ours)" (print "namespace: " .root.Values.namespace.name) $text -}}
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
