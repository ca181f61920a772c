{{- define "ringthrough.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "ringthrough.fullname" -}}
{{- $name := include "ringthrough.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "ringthrough.selector" -}}
app.kubernetes.io/name: {{ include "ringthrough.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "ringthrough.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "ringthrough.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "ringthrough.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "ringthrough.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "ringthrough.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}

{{- define "ringthrough.scheme" -}}
{{ ternary "HTTPS" "HTTP" (ne .Values.tls.existingSecret "") }}
{{- end -}}

{{- /* What can't work, said while it is rendered. */ -}}
{{- define "ringthrough.sane" -}}
{{- if and (eq .Values.database.kind "sqlite") (not .Values.persistence.enabled) -}}
{{- fail "persistence.enabled: with sqlite the list would be gone with the pod; set it to true, or use database.kind postgres" -}}
{{- end -}}
{{- if and (eq .Values.database.kind "postgres") (not .Values.database.existingSecret) -}}
{{- fail "database.existingSecret: name the secret that holds the address postgres://… under the key database.key" -}}
{{- end -}}
{{- range $name, $side := dict "lookup" .Values.lookup "admin" .Values.admin -}}
{{- if and $side.ingress.enabled (not $side.ingress.host) -}}
{{- fail (printf "%s.ingress.host: an ingress without a host would answer for every host" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
