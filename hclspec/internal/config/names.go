package config

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// TaskNamePattern matches the names of tasks. They appear on command lines and in labels.
var TaskNamePattern = diag.LazyRegexp(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

// aliasPattern matches the aliases of tasks: names, with colons between them.
var aliasPattern = diag.LazyRegexp(`^[A-Za-z0-9][A-Za-z0-9_.-]*(:[A-Za-z0-9][A-Za-z0-9_.-]*)*$`)

// wrongNameCharacters matches what no name of a task may have.
var wrongNameCharacters = diag.LazyRegexp(`[^A-Za-z0-9_.-]+`)

// SuggestTaskName proposes a name in the place of a wrong one; empty, where no character is left.
func SuggestTaskName(name string) diag.Text {
	proposal := strings.TrimRight(wrongNameCharacters().ReplaceAllString(name, "-"), "-")
	proposal = strings.TrimLeft(proposal, "-_.")
	if proposal == "" {
		return diag.Text{}
	}
	text := diag.Suggest(" Did you mean %q?", proposal)
	if aliasPattern().MatchString(name) {
		text = diag.Join([]diag.Text{text, diag.Textf(" With `aliases = [%q]` both work on the command line.", name)}, "")
	}
	return text
}

// MemberAccess writes the access to a member, with brackets if the name is no identifier.
func MemberAccess(object, name string) string {
	if hclsyntax.ValidIdentifier(name) {
		return object + "." + name
	}
	return fmt.Sprintf("%s[%q]", object, name)
}

// DeclaredName returns the task in the name of a run: test of test@db=16.
func DeclaredName(name string) string {
	block, _, _ := strings.Cut(name, "@")
	return block
}

// CombinationOf returns the matrix cell in the name of a run: db=16 of test@db=16.
func CombinationOf(name string) string {
	_, combination, _ := strings.Cut(name, "@")
	return combination
}

// FixedMembers returns the members of a root with a fixed set of members, else nil.
func FixedMembers(kind RefKind) []string {
	switch kind {
	case RefSelf, RefProject:
		return []string{"name"}
	case RefPath:
		return []string{"root", "module", "cwd"}
	case RefPlatform:
		return []string{"os", "arch"}
	case RefResult:
		return []string{"exit_code", "reason"}
	case RefCompose:
		return []string{"env"}
	case RefShard:
		return ShardMembers()
	}
	return nil
}

// TaskResultNames returns the results of a task after its run, as in task.x.stdout.
func TaskResultNames() []string { return []string{"stdout", "exit_code"} }

// ReferenceRoots returns all first words with a meaning in expressions.
func ReferenceRoots() []string {
	return []string{"var", "local", "task", "args", "arg", "flag", "matrix", "shard", "self", "path", "platform",
		"project", "compose", "service", "job", "result"}
}
