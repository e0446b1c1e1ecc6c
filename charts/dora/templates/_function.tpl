{{/* The Knative Service that `func deploy` makes of a func.yaml, but for the time of the build. */}}
{{- define "dora.function" }}
{{- $ca := include "dora.ca" .root | fromYaml }}
{{- if ne (include "dora.needs-database" .) "true" }}{{ $ca = dict }}{{ end }}
{{- $shows := and .sends .root.Values.eventPolicies.enabled }}
{{- $run := .definition.run | default dict }}
{{- $labels := dict "boson.dev/function" "true" "function.knative.dev/name" .name "function.knative.dev/runtime" .definition.runtime }}
{{- range .definition.deploy.labels }}{{ $_ := set $labels .key .value }}{{ end }}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  {{- include "dora.metadata" (dict "root" .root "name" .name "labels" $labels) | nindent 2 }}
spec:
  template:
    metadata:
      labels:
        {{- toYaml $labels | nindent 8 }}
      annotations:
        autoscaling.knative.dev/min-scale: {{ int .options.scale.min | quote }}
        autoscaling.knative.dev/max-scale: {{ int .options.scale.max | quote }}
        autoscaling.knative.dev/target: {{ printf "%f" (float64 .options.scale.target) | quote }}
    spec:
      {{- with .account }}
      serviceAccountName: {{ . }}
      {{- end }}
      {{- with .root.Values.functions.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      containers:
        - name: user-container
          image: {{ quote .image }}
          env:
            - {name: ADDRESS, value: "0.0.0.0"}
            {{- range $run.envs }}
            {{- if .name }}
            {{- include "dora.variable" (dict "root" $.root "entry" .) | nindent 12 }}
            {{- end }}
            {{- end }}
            {{- with $ca.env }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
            {{- if .sends }}
            - {name: K_SINK, value: {{ include "dora.broker-url" .root | quote }}}
            {{- end }}
          envFrom:
            {{- range $run.envs }}
            {{- if not .name }}
            {{- $parts := regexReplaceAll "[{} ]" .value "" | splitList ":" }}
            - {{ first $parts }}Ref: {name: {{ last $parts }}}
            {{- end }}
            {{- end }}
          {{- if or $run.volumes $ca $shows }}
          volumeMounts:
            {{- if $shows }}
            - {name: oidc-token, mountPath: /oidc}
            {{- end }}
            {{- range $run.volumes }}
            - {name: config-map-{{ .configMap }}, mountPath: {{ .path }}}
            {{- end }}
            {{- with $ca.volumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          {{- end }}
          livenessProbe:
            httpGet: {path: /health/liveness, port: 8080}
          readinessProbe:
            httpGet: {path: /health/readiness, port: 8080}
          resources:
            {{- toYaml .options.resources | nindent 12 }}
          securityContext:
            runAsNonRoot: true
            seccompProfile:
              type: RuntimeDefault
            {{- include "dora.restricted" . | nindent 12 }}
      {{- if or $run.volumes $ca $shows }}
      volumes:
        {{- if $shows }}
        # What a SinkBinding would mount: by it the Broker knows who sends, where Knative asks for that.
        - name: oidc-token
          projected:
            sources:
              - serviceAccountToken:
                  audience: eventing.knative.dev/broker/{{ .root.Values.namespace.name }}/{{ .root.Values.broker.name }}
                  expirationSeconds: 3600
                  path: token
        {{- end }}
        {{- range $run.volumes }}
        - name: config-map-{{ .configMap }}
          configMap: {name: {{ .configMap }}}
        {{- end }}
        {{- with $ca.volumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
{{- end -}}

{{/* A variable of a func.yaml: a value, or one key of a ConfigMap or a Secret. */}}
{{- define "dora.variable" -}}
{{- $parts := regexReplaceAll "[{} ]" (toString .entry.value) "" | splitList ":" }}
{{- if contains "{{" (toString .entry.value) -}}
{{- $name := index $parts 1 | eq "dora-postgresql" | ternary .root.Values.database.existingSecret (index $parts 1) -}}
- name: {{ .entry.name }}
  valueFrom:
    {{ first $parts }}KeyRef: {name: {{ $name }}, key: {{ last $parts }}}
{{- else -}}
- {name: {{ .entry.name }}, value: {{ toString .entry.value | quote }}}
{{- end -}}
{{- end -}}

{{/* Where the Broker takes events. */}}
{{- define "dora.broker-url" -}}
{{- $ingress := eq .Values.broker.class "Kafka" | ternary "kafka-broker-ingress" "broker-ingress" -}}
{{- .Values.broker.url | default (printf "http://%s.knative-eventing.svc.cluster.local/%s/%s" $ingress .Values.namespace.name .Values.broker.name) -}}
{{- end -}}

{{/* Whether the chart makes a function. */}}
{{- define "dora.makes" -}}
{{- $values := .root.Values.functions -}}
{{- and $values.enabled (or (not $values.only) (has .name $values.only)) (not (has .name $values.without)) -}}
{{- end -}}

{{/* Whether a function reads where the database is. */}}
{{- define "dora.needs-database" -}}
{{- $found := false -}}
{{- range (.definition.run | default dict).envs -}}
{{- if contains "configMap:dora-postgresql" (toString .value) }}{{ $found = true }}{{ end -}}
{{- end -}}
{{- $found -}}
{{- end -}}
