package starter

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// validName returns the valid name of a task nearest to a name of a source: letters, digits, `_`, `-` and `.`, with a
// letter or digit first. Empty: no character is valid.
func validName(name string) string {
	var b strings.Builder
	for _, r := range name {
		switch {
		case isWordCharacter(r), b.Len() > 0 && strings.ContainsRune("_-.", r):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimRight(b.String(), "-.")
}

func isWordCharacter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// validIdentifier returns the valid name of a variable or argument nearest to a name.
func validIdentifier(name string) string {
	valid := strings.ReplaceAll(validName(name), ".", "_")
	if !hclsyntax.ValidIdentifier(valid) {
		valid = "v_" + valid
	}
	return valid
}

// taskReference returns the expression that refers to a task.
func taskReference(name string) string {
	if hclsyntax.ValidIdentifier(name) {
		return "task." + name
	}
	return "task[" + quote(name) + "]"
}

// serviceReference returns the expression that refers to a service.
func serviceReference(name string) string {
	if hclsyntax.ValidIdentifier(name) {
		return "service." + name
	}
	return "service[" + quote(name) + "]"
}

// uniqueName returns a name without another use, and records the use.
func uniqueName(name string, used map[string]bool) string {
	free := name
	for i := 2; used[free]; i++ {
		free = name + "-" + strconv.Itoa(i)
	}
	used[free] = true
	return free
}

// nameTasks gives each task a valid name without another use. Tasks without an equal keep the name of the source.
func (d *document) nameTasks() {
	used := map[string]bool{}
	for _, t := range d.tasks {
		if t.fault != "" {
			continue
		}
		valid := validName(t.name)
		if valid == "" {
			valid = "task"
		}
		name := uniqueName(valid, used)
		switch {
		case t.isHidden:
		case name != valid:
			t.comments = append(t.comments, fmt.Sprintf("%s is the name of another task already.", valid))
		case name != t.name:
			t.comments = append(t.comments, fmt.Sprintf("The name in the source is %s.", t.name))
		}
		t.name = name
	}
	for _, t := range d.tasks {
		var free []string
		for _, alias := range t.aliases {
			if alias = validName(alias); alias != "" && t.fault == "" && !used[alias] {
				used[alias] = true
				free = append(free, alias)
			}
		}
		t.aliases = free
	}
}

// nameVariables gives each used variable a valid name without another use.
func (d *document) nameVariables() {
	used := map[string]bool{}
	for _, v := range d.variables {
		if v.isUsed {
			v.name = uniqueName(validIdentifier(v.name), used)
		}
	}
}
