package hclspec

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/diag"
)

// alias is another name of a task on the command line.
type alias struct {
	name string
	rng  hcl.Range
}

// readDisplayAttributes reads what is shown of a task: literals all of them, so that a list needs no value.
func (c *checker) readDisplayAttributes(t *taskBlock) {
	t.description, t.group = c.literalText(t.attrs["description"]), c.literalText(t.attrs["group"])
	t.isHidden = c.literalBool(t.attrs["hidden"])
	t.aliases = nil
	for _, entry := range c.literalList(t.attrs["aliases"]) {
		if !taskNamePattern().MatchString(entry.name) {
			c.report(diag.ErrorAt(entry.rng, "invalid name of a task",
				"An alias is made of letters, digits, `_`, `-` and `.`, with a letter or digit first."))
			continue
		}
		entry.name = t.mod.prefix + entry.name
		t.aliases = append(t.aliases, entry)
	}
}

// checkAliases reports names on the command line that would mean two tasks.
func (c *checker) checkAliases() {
	c.file.taskByAlias = map[string]*taskBlock{}
	first := map[string]hcl.Range{}
	for _, t := range c.file.tasks {
		first[t.name] = t.labelRange
	}
	for _, t := range c.file.tasks {
		for _, a := range t.aliases {
			if other, taken := first[a.name]; taken {
				c.report(diag.ErrorAt(a.rng, fmt.Sprintf("%q names two tasks", a.name),
					"An alias of task %q is a name of its own; the other one is at %s. Rename or remove one of the two.", t.name, diag.Place(other)))
				continue
			}
			first[a.name], c.file.taskByAlias[a.name] = a.rng, t
		}
	}
}

// findTask gives the task that a name on the command line means, an alias too, or nil.
func (f *File) findTask(name string) *taskBlock {
	if t := f.taskByName[name]; t != nil {
		return t
	}
	return f.taskByAlias[name]
}

// literalBool reads an attribute that must be written out as true or false.
func (c *checker) literalBool(a *decodedAttribute) bool {
	if a == nil || isNull(a.expr) {
		return false
	}
	literal, ok := a.expr.(*hclsyntax.LiteralValueExpr)
	if !ok || literal.Val.Type() != cty.Bool {
		c.report(diag.ErrorAt(a.expr.Range(), fmt.Sprintf("%s must be a literal", a.name),
			"Write %s as true or false, so that it is known without evaluating anything.", a.name))
		return false
	}
	return literal.Val.True()
}

// literalList reads an attribute that must be written out as a list of texts.
func (c *checker) literalList(a *decodedAttribute) []alias {
	if a == nil || isNull(a.expr) {
		return nil
	}
	list, ok := a.expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		c.report(diag.ErrorAt(a.expr.Range(), fmt.Sprintf("%s must be a literal", a.name),
			"Write %s as a list of texts in quotes, without references, so that it is known without evaluating anything.", a.name))
		return nil
	}
	var entries []alias
	for _, entry := range list.Exprs {
		name, ok := literalString(entry)
		if !ok {
			c.report(diag.ErrorAt(entry.Range(), fmt.Sprintf("%s must be a literal", a.name),
				"Write each entry as text in quotes, without references, so that it is known without evaluating anything."))
			continue
		}
		entries = append(entries, alias{name: name, rng: entry.Range()})
	}
	return entries
}
