package config

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// TaskNamePattern is what a task may be called: it appears on command lines and in labels.
var TaskNamePattern = diag.LazyRegexp(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

// MemberAccess writes the access to a name in an object, with an index where a dot would not do.
func MemberAccess(object, name string) string {
	if hclsyntax.ValidIdentifier(name) {
		return object + "." + name
	}
	return fmt.Sprintf("%s[%q]", object, name)
}

// DeclaredName is the task of a run's name: test of test@db=16.
func DeclaredName(name string) string {
	block, _, _ := strings.Cut(name, "@")
	return block
}

// CombinationOf is what follows the task in a run's name: db=16 of test@db=16.
func CombinationOf(name string) string {
	_, combination, _ := strings.Cut(name, "@")
	return combination
}
