package view

import (
	"testing"

	"tasks/hclspec"
	"tasks/internal/testing/schema"
)

// TestSchemas: docs/schemas has the schema of each document. With -update the test writes the files.
func TestSchemas(t *testing.T) {
	schema.Check(t, *update, "list", "tasks list --json", ListDocument{})
	schema.Check(t, *update, "validate", "tasks validate --json", Validation{})
	schema.Check(t, *update, "graph", "tasks graph --json", Graph{})
	schema.Check(t, *update, "plan", "tasks plan --json", PlanDocument{})
	schema.Check(t, *update, "show", "tasks show --json", TaskDocument{})
	schema.Check(t, *update, "ps", "tasks ps --json", ContainerListDocument{})
	schema.Check(t, *update, "version", "tasks version --json", VersionDocument{})
	schema.Check(t, *update, "metadata", "tasks metadata", struct {
		FormatVersion int `json:"format_version"`
		hclspec.Metadata
	}{})
}
