{{/* What a source of workloads missed is sent by a CronJob, with an account of its own that may look at
     the same workloads. sources/kubernetes/resync.yaml is the same for one namespace. */}}
{{- define "dora.resync" -}}
{{- $name := .name | replace (print .root.Values.sources.name "-workloads") (print .root.Values.sources.name "-resync") }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "dora.metadata" (dict "root" .root "name" $name "namespace" .namespace) | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  {{- include "dora.metadata" (dict "root" .root "name" $name "namespace" .namespace) | nindent 2 }}
rules:
  - apiGroups: ["sources.knative.dev"]
    resources: ["apiserversources"]
    resourceNames: [{{ .name }}]
    verbs: ["get"]
  - apiGroups: ["batch"]
    resources: ["cronjobs"]
    resourceNames: [{{ $name }}]
    verbs: ["get"]
---
{{ include "dora.bound" (dict "root" .root "name" $name "role" $name "account" $name "namespace" .namespace) }}
---
{{ include "dora.bound" (dict "root" .root "name" (print $name "-workloads") "role" .name "account" $name "namespace" .namespace "prefix" .prefix) }}
---
apiVersion: batch/v1
kind: CronJob
metadata:
  {{- include "dora.metadata" (dict "root" .root "name" $name "namespace" .namespace) | nindent 2 }}
spec:
  schedule: {{ quote .root.Values.sources.resync.schedule }}
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 120
  successfulJobsHistoryLimit: 1
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      backoffLimit: 0
      activeDeadlineSeconds: 600
      template:
        metadata:
          labels:
            app.kubernetes.io/name: dora-resync
        spec:
          serviceAccountName: {{ $name }}
          restartPolicy: Never
          securityContext:
            runAsNonRoot: true
            seccompProfile:
              type: RuntimeDefault
          containers:
            - name: dora
              image: {{ quote .root.Values.sources.resync.image }}
              command: [/cnb/lifecycle/launcher, --, python, -m, dora, resync]
              args: [{{ .name }}, --cron-job, {{ $name }}]
              resources:
                requests:
                  cpu: 50m
                  memory: 64Mi
                limits:
                  memory: 256Mi
              securityContext:
                {{- include "dora.restricted" . | nindent 16 }}
{{- end -}}

{{/* The binding of an account to a role, in a namespace or in the cluster. */}}
{{- define "dora.bound" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .prefix }}RoleBinding
metadata:
  name: {{ .name }}
  {{- if not .prefix }}
  namespace: {{ .namespace }}
  {{- end }}
  {{- include "dora.labelled" . | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .prefix }}Role
  name: {{ .role }}
subjects:
  - kind: ServiceAccount
    name: {{ .account }}
    namespace: {{ .namespace }}
{{- end -}}
