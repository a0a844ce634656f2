{{- define "kaisen.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "kaisen.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "kaisen.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "kaisen.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "kaisen.selectorLabels" -}}
app.kubernetes.io/name: {{ include "kaisen.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* What every object of the chart is, but who is selected by nobody. */}}
{{- define "kaisen.chartLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "kaisen.labels" -}}
{{ include "kaisen.chartLabels" . }}
{{ include "kaisen.selectorLabels" . }}
{{- end }}

{{- define "kaisen.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "kaisen.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* "true" where kaisen runs its own ClickHouse, as it does unless told otherwise. */}}
{{- define "kaisen.embedded" -}}
{{- $store := default (dict) .Values.config.store }}
{{- eq (default "embedded" $store.kind) "embedded" }}
{{- end }}

{{/* As `make images` names them. */}}
{{- define "kaisen.image" -}}
{{- $suffix := ternary "-engine" "" (eq (include "kaisen.embedded" .) "true") }}
{{- printf "%s:%s" .Values.image.repository (default (printf "%s%s" .Chart.AppVersion $suffix) .Values.image.tag) }}
{{- end }}

{{/* The checksum of a Secret that is not the chart's: a pod is started anew by the upgrade after it changed. Without a
cluster to ask, as in `helm template`, it is that of nothing. */}}
{{- define "kaisen.secretChecksum" -}}
{{- $secret := lookup "v1" "Secret" .namespace .name }}
{{- dig "data" (dict) (default (dict) $secret) | toYaml | sha256sum }}
{{- end }}

{{/* The name of each pod. With several, the first is 1, so that the ordinal is the shard. */}}
{{- define "kaisen.pods" -}}
{{- $first := ternary 1 0 (gt (int .Values.shards) 1) }}
{{- range $ordinal := untilStep $first (int (add $first .Values.shards)) 1 }}
- {{ include "kaisen.fullname" $ }}-{{ $ordinal }}
{{- end }}
{{- end }}

{{/* Whether kaisen is alive. By a command where TLS or a password would refuse a probe over HTTP. */}}
{{- define "kaisen.alive" -}}
{{- if .Values.webConfigSecret -}}
exec: {command: [/usr/bin/kaisen, health]}
{{- else -}}
httpGet: {path: /-/healthy, port: metrics}
{{- end }}
{{- end }}
