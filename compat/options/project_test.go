// Package options_test compares the containers of the same command line, by tasks and by real Composes.
package options_test

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
