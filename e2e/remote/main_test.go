//go:build linux

// Package remote_test tests chosen engines: `tasks --engine`.
package remote_test

import (
	"testing"

	"tasks/internal/testing/apptest"
)

func TestMain(m *testing.M) { apptest.Main(m, map[string]func(){"talk": talk}) }
