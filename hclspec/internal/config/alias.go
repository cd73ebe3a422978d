package config

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/diag"
)

// alias is another name of a task on the command line.
type alias struct {
	Name string
	rng  hcl.Range
}

// readDisplayAttributes reads the attributes for `tasks list`. All are literals, so a list needs no evaluation.
func (l *literalReader) readDisplayAttributes(t *Task) {
	t.Description, t.Group = l.literalText(t.Attrs["description"]), l.literalText(t.Attrs["group"])
	t.IsHidden = l.literalBool(t.Attrs["hidden"])
	t.Aliases = nil
	for _, entry := range l.literalList(t.Attrs["aliases"]) {
		if !aliasPattern().MatchString(entry.Name) {
			l.report(diag.ErrorAt(entry.rng, "invalid name of a task",
				"An alias is made of letters, digits, `_`, `-`, `.` and `:`, with a letter or digit first and after each `:`."))
			continue
		}
		entry.Name = t.Module.Prefix + entry.Name
		t.Aliases = append(t.Aliases, entry)
	}
}

// checkAliases reports an alias with the name of another task or alias.
func (c *checker) checkAliases() {
	c.file.taskByAlias = map[string]*Task{}
	first := map[string]hcl.Range{}
	for _, t := range c.file.Tasks {
		first[t.Name] = t.LabelRange
	}
	for _, t := range c.file.Tasks {
		for _, a := range t.Aliases {
			if other, taken := first[a.Name]; taken {
				c.report(diag.ErrorAt(a.rng, fmt.Sprintf("%q names two tasks", a.Name),
					"An alias of task %q is a name of its own; the other one is at %s. Rename or remove one of the two.", t.Name,
					diag.Place(other)))
				continue
			}
			first[a.Name], c.file.taskByAlias[a.Name] = a.rng, t
			c.checkAliasPrefix(t, a)
		}
	}
}

// checkAliasPrefix reports an alias that looks like a task of an included file.
func (c *checker) checkAliasPrefix(t *Task, a alias) {
	for _, m := range c.file.Modules {
		if len(m.Prefix) > len(t.Module.Prefix) && strings.HasPrefix(a.Name, m.Prefix) {
			c.report(diag.ErrorAt(a.rng, fmt.Sprintf("%q would be a task of an included file", a.Name),
				"The file that %s includes has the tasks %s…. Rename the alias or the include block.",
				diag.Place(m.Include.LabelRange), m.Prefix))
			return
		}
	}
}

// literalBool reads an attribute with a literal true or false.
func (l *literalReader) literalBool(a *Attribute) bool {
	if a == nil || IsNull(a.Expr) {
		return false
	}
	literal, ok := a.Expr.(*hclsyntax.LiteralValueExpr)
	if !ok || literal.Val.Type() != cty.Bool {
		l.report(diag.ErrorAt(a.Expr.Range(), fmt.Sprintf("%s must be a literal", a.Name),
			"Write %s as true or false, so that it is known without evaluating anything.", a.Name))
		return false
	}
	return literal.Val.True()
}

// literalList reads an attribute with a literal list of texts.
func (l *literalReader) literalList(a *Attribute) []alias {
	if a == nil || IsNull(a.Expr) {
		return nil
	}
	list, ok := a.Expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		l.report(diag.ErrorAt(a.Expr.Range(), fmt.Sprintf("%s must be a literal", a.Name),
			"Write %s as a list of texts in quotes, without references, so that it is known without evaluating anything.",
			a.Name))
		return nil
	}
	var entries []alias
	for _, entry := range list.Exprs {
		name, ok := LiteralString(entry)
		if !ok {
			l.report(diag.ErrorAt(entry.Range(), fmt.Sprintf("%s must be a literal", a.Name),
				"Write each entry as text in quotes, without references, so that it is known without evaluating anything."))
			continue
		}
		entries = append(entries, alias{Name: name, rng: entry.Range()})
	}
	return entries
}
