// Package projects_test compares whole projects, made by tasks and by real Composes.
package projects_test

import (
	"testing"

	"tasks/internal/testing/composetest"
)

type (
	tool   = composetest.Tool
	fields = composetest.Fields
)

const (
	v1    = composetest.V1
	v2    = composetest.V2
	v5    = composetest.V5
	tasks = composetest.Tasks
)

// project adds the methods of these tests to the project.
type project struct{ *composetest.Project }

func newProject(t *testing.T, compose string) *project {
	t.Helper()
	return &project{composetest.NewProject(t, compose)}
}
