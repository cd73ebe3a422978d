//go:build unix

package commands_test

import (
	"testing"

	"tasks/internal/testing/apptest"
)

func TestMain(m *testing.M) { apptest.Main(m, nil) }
