package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this binary the program itself where the binary is called as tasks. The scripts find tasks on PATH.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"tasks": main}) }
