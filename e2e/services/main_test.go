//go:build unix

package services_test

import (
	"testing"

	"tasks/internal/testing/apptest"
)

func TestMain(m *testing.M) { apptest.Main(m, map[string]func(){"fetch": fetch}) }
