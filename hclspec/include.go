package hclspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

func includeBlockType() *blockType {
	return &blockType{
		name: "include", label: "namespace",
		doc: "another file, whose tasks become NAME:task",
		attrs: []attributeType{
			{name: "source", typeText: "literal string", isStatic: true, defaultText: "none: it is required", doc: "the file, or a directory with a Tasks.hcl", example: `"./frontend"`},
			{name: "variables", typeText: "map, written out", doc: "values for the variables that the file declares", example: `{ stage = var.stage }`},
		},
	}
}

func (c *checker) declareInclude(n *decodedBlock) {
	for _, first := range n.mod.includes {
		if first.label == n.label {
			c.reportDuplicate(fmt.Sprintf("include %q", n.label), n.labelRange, first.labelRange)
			return
		}
	}
	if !taskNamePattern().MatchString(n.label) {
		c.report(diag.ErrorAt(n.labelRange, "invalid name of an include",
			"A name is made of letters, digits, `_`, `-` and `.`, with a letter or digit first."))
	}
	switch source := n.attrs["source"]; {
	case source != nil:
		c.literalText(source)
	case !n.hasUnknownNames:
		c.report(diag.ErrorAt(n.headerRange, "include without a source", "Write source = \"…\", with a file or a directory."))
	}
	n.mod.includes = append(n.mod.includes, n)
}

// checkInclude hands the values of an include block to the variables of what it includes.
func (c *checker) checkInclude(n *decodedBlock) {
	a := n.attrs["variables"]
	if a == nil || n.includedModule == nil {
		return
	}
	object, ok := a.expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		c.report(diag.ErrorAt(a.expr.Range(), "variables must be a map written out",
			"Write names and values in braces: variables = { stage = var.stage }."))
		return
	}
	m := n.includedModule
	m.includeValues = map[string]*expression{}
	for _, item := range object.Items {
		name, ok := mapKeyName(item)
		if !ok {
			c.report(diag.ErrorAt(item.KeyExpr.Range(), "the name of a variable must be written out", "Write it as in { stage = var.stage }."))
			continue
		}
		if m.variableByName[name] == nil {
			c.report(diag.ErrorAt(item.KeyExpr.Range(), fmt.Sprintf("unknown variable %q", name),
				"What is included declares no such variable.%s", diag.DidYouMean(name, slices.Collect(maps.Keys(m.variableByName)))))
		}
		value := &expression{expr: item.ValueExpr, origin: n.origin}
		value.refs = c.analyse(*value)
		c.checkAllowed(*value, "the variables of an include", refVar, refLocal, refPath, refPlatform)
		m.includeValues[name] = value
	}
}

func mapKeyName(item hclsyntax.ObjectConsItem) (string, bool) {
	if name := hcl.ExprAsKeyword(item.KeyExpr); name != "" {
		return name, true
	}
	v, diags := item.KeyExpr.Value(nil)
	if diags.HasErrors() {
		return "", false
	}
	name, err := ctyconv.AsText(v)
	return name, err == nil
}

// includeValue gives the value that an include block has for a variable.
func (e *evaluation) includeValue(v *variable, value *expression) variableValue {
	at := v.diagnosticRange(value.expr.Range())
	given, ok := e.scope("", nil, RunResults{}).markedValue(*value)
	if !ok {
		return variableValue{}
	}
	want := e.externalType(v)
	given, err := v.convert(given, want)
	if err != nil {
		e.report(diag.ErrorAt(at, fmt.Sprintf("wrong value for variable %q", v.name), "The value at %s is not %s: %s.",
			diag.Place(value.expr.Range()), diag.Article(want.FriendlyNameForConstraint()), err))
		return variableValue{}
	}
	return variableValue{value: given, errorRange: at}
}

// suggestTask is didYouMean for tasks: one of that name in a namespace is nearer than all others.
func suggestTask(name string, names []string) diag.Text {
	for _, other := range slices.Sorted(slices.Values(names)) {
		if strings.HasSuffix(other, ":"+name) {
			return diag.Suggest(" Did you mean %q?", other)
		}
	}
	return diag.DidYouMean(name, names)
}

// includeBlock is the include block of a name, in the module that is checked.
func (c *checker) includeBlock(name string) *decodedBlock {
	for _, n := range c.mod.includes {
		if n.label == name {
			return n
		}
	}
	return nil
}

// includeHint answers a task of a namespace that has none of that name.
func (c *checker) includeHint(namespace, task string) diag.Text {
	if c.mod.prefix == namespace+":" {
		return diag.Textf("The file itself does not know what it is included as: write %s.", memberAccess("task", task))
	}
	if n := c.includeBlock(namespace); n != nil {
		return diag.Textf("What `include %q` at %s brings in has no such task.", namespace, diag.Place(n.headerRange))
	}
	var names []string
	for _, n := range c.mod.includes {
		names = append(names, n.label)
	}
	return diag.Textf("There is no `include %q`.%s", namespace, diag.DidYouMean(namespace, names))
}
