package config

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

func includeBlockType() *BlockType {
	return &BlockType{
		Name: "include", Label: "namespace",
		Doc: "another file, whose tasks become NAME:task",
		Attrs: []AttributeType{
			{Name: "source", TypeText: "literal string", IsStatic: true, DefaultText: "none: it is required",
				Doc: "the file, or a directory with a Tasks.hcl", Example: `"./frontend"`},
			{Name: "variables", TypeText: "map, written out", Doc: "values for the variables that the file declares",
				Example: `{ stage = var.stage }`},
		},
	}
}

func (d *declarer) declareInclude(n *Block) {
	for _, first := range n.Module.includes {
		if first.Label == n.Label {
			d.reportDuplicate(fmt.Sprintf("include %q", n.Label), n.LabelRange, first.LabelRange)
			return
		}
	}
	if !TaskNamePattern().MatchString(n.Label) {
		d.report(diag.ErrorAt(n.LabelRange, "invalid name of an include",
			"A name is made of letters, digits, `_`, `-` and `.`, with a letter or digit first."))
	}
	switch source := n.Attrs["source"]; {
	case source != nil:
		d.literals.literalText(source)
	case !n.hasUnknownNames:
		d.report(diag.ErrorAt(n.HeaderRange, "include without a source", "Write source = \"…\", with a file or a directory."))
	}
	n.Module.includes = append(n.Module.includes, n)
}

// checkInclude assigns the values of an include block to the variables of the included module.
func (c *checker) checkInclude(n *Block) {
	a := n.Attrs["variables"]
	if a == nil || n.includedModule == nil {
		return
	}
	object, ok := a.Expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		c.report(diag.ErrorAt(a.Expr.Range(), "variables must be a map written out",
			"Write names and values in braces: variables = { stage = var.stage }."))
		return
	}
	m := n.includedModule
	m.IncludeValues = map[string]*Expression{}
	for _, item := range object.Items {
		name, ok := mapKeyName(item)
		if !ok {
			c.report(diag.ErrorAt(item.KeyExpr.Range(), "the name of a variable must be written out",
				"Write it as in { stage = var.stage }."))
			continue
		}
		if m.VariableByName[name] == nil {
			c.report(diag.ErrorAt(item.KeyExpr.Range(), fmt.Sprintf("unknown variable %q", name),
				"What is included declares no such variable.%s",
				diag.DidYouMean(name, slices.Collect(maps.Keys(m.VariableByName)))))
		}
		value := &Expression{Expr: item.ValueExpr, Origin: n.Origin}
		value.Refs = c.analyse(*value)
		c.checkAllowed(*value, "the variables of an include", RefVar, RefLocal, RefPath, RefPlatform)
		m.IncludeValues[name] = value
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

// SuggestTask suggests a task. A task of the same name in a namespace comes first.
func SuggestTask(name string, names []string) diag.Text {
	for _, other := range slices.Sorted(slices.Values(names)) {
		if strings.HasSuffix(other, ":"+name) {
			return diag.Suggest(" Did you mean %q?", other)
		}
	}
	return diag.DidYouMean(name, names)
}

// includeBlock returns the include block of a name in the current module, or nil.
func (r *resolver) includeBlock(name string) *Block {
	for _, n := range r.module.includes {
		if n.Label == name {
			return n
		}
	}
	return nil
}

// includeHint explains an unknown task of a namespace.
func (r *resolver) includeHint(namespace, task string) diag.Text {
	if r.module.Prefix == namespace+":" {
		return diag.Textf("The file itself does not know what it is included as: write %s.", MemberAccess("task", task))
	}
	if n := r.includeBlock(namespace); n != nil {
		return diag.Textf("What `include %q` at %s brings in has no such task.", namespace, diag.Place(n.HeaderRange))
	}
	var names []string
	for _, n := range r.module.includes {
		names = append(names, n.Label)
	}
	return diag.Textf("There is no `include %q`.%s", namespace, diag.DidYouMean(namespace, names))
}
