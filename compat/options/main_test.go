package options_test

import (
	"testing"

	"tasks/internal/testing/composetest"
)

func TestMain(m *testing.M) { composetest.Main(m) }
