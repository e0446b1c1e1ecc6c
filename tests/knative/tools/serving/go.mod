module dora-cloudevents/tests/knative/tools/serving

go 1.26.0

// For its manifests alone: `go mod tidy` would take it away.
require knative.dev/serving v0.51.0
