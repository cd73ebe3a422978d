//go:build unix

package concurrent_test

import (
	"testing"

	"tasks/internal/testing/apptest"
)

func TestMain(m *testing.M) { apptest.Main(m, nil) }
