package hclspec

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
)

// preview shows a task run to people, before all values are known.
type preview struct {
	file *config.File
	run  *taskRun
}

// block returns the block of the run. Each part of an expression that computes with an open value is replaced by a text
// with the names of the open values, for example `<made of arg.n>`. Open values that stand alone stay: their
// placeholders show them.
func (p preview) block() *config.Task {
	task, block := *p.run.block, *p.run.block.Block
	block.Attrs, block.Layers = map[string]*config.Attribute{}, nil
	for name, a := range p.run.block.Attrs {
		block.Attrs[name] = p.attribute(a)
	}
	for _, layer := range p.run.block.Layers {
		block.Layers = append(block.Layers, p.attribute(layer))
	}
	task.Block = &block
	return &task
}

func (p preview) attribute(a *config.Attribute) *config.Attribute {
	shown := *a
	shown.Expr = p.part(a.Expression, a.Expr)
	isWords := a.Name == "command" || a.Name == "entrypoint"
	if text, isText := shown.Expr.(*hclsyntax.LiteralValueExpr); isText && shown.Expr != a.Expr && isWords {
		text.Val = cty.TupleVal([]cty.Value{text.Val}) // a word: a text would be split into words
	}
	if template, isText := a.Expr.(*hclsyntax.TemplateExpr); isText && isWords {
		shown.Expr = p.template(a.Expression, template)
	}
	return &shown
}

// part returns a part of an expression, with texts in place of computed open values. Without such values the part
// itself is returned.
func (p preview) part(e config.Expression, part hclsyntax.Expression) hclsyntax.Expression {
	if len(p.openUses(e, part.Range())) == 0 {
		return part
	}
	switch x := part.(type) {
	case *hclsyntax.TupleConsExpr:
		shown := *x
		if shown.Exprs = p.parts(e, x.Exprs); slices.Equal(shown.Exprs, x.Exprs) {
			return part
		}
		return &shown
	case *hclsyntax.TemplateExpr:
		shown := *x
		if shown.Parts = p.parts(e, x.Parts); slices.Equal(shown.Parts, x.Parts) {
			return part
		}
		return &shown
	case *hclsyntax.ObjectConsExpr:
		shown := *x
		shown.Items = slices.Clone(x.Items)
		for i, item := range x.Items {
			shown.Items[i].ValueExpr = p.part(e, item.ValueExpr)
		}
		if slices.Equal(shown.Items, x.Items) {
			return part
		}
		return &shown
	case *hclsyntax.TemplateWrapExpr:
		return p.part(e, x.Wrapped)
	case *hclsyntax.ParenthesesExpr:
		return p.part(e, x.Expression)
	case *hclsyntax.ScopeTraversalExpr:
		l := localAt(p.file, e, x.Range())
		if l == nil || p.part(l.Expression, l.Expr) == l.Expr {
			return part
		}
	}
	text := "<made of " + strings.Join(p.openNames(e, part), ", ") + ">"
	return &hclsyntax.LiteralValueExpr{Val: cty.StringVal(text), SrcRange: part.Range()}
}

// template returns a text of words with quoted placeholders, because the text will be split into words.
func (p preview) template(e config.Expression, text *hclsyntax.TemplateExpr) hclsyntax.Expression {
	shown := *text
	shown.Parts = p.parts(e, text.Parts)
	for i, part := range shown.Parts {
		if names := p.openNames(e, text.Parts[i]); len(names) > 0 {
			placeholder := "<" + names[0] + ">"
			if part != text.Parts[i] {
				placeholder = "<made of " + strings.Join(names, ", ") + ">"
			}
			shown.Parts[i] = &hclsyntax.LiteralValueExpr{
				Val: cty.StringVal(hiddenMarks().Replace(placeholder)), SrcRange: part.Range(),
			}
		}
	}
	return &shown
}

// hiddenMarks replaces the marks of placeholders by characters without a meaning for a shell. shownMarks reverses it.
func hiddenMarks() *strings.Replacer {
	return strings.NewReplacer("<", "\ue000", ">", "\ue001", " ", "\ue002")
}

func shownMarks() *strings.Replacer {
	return strings.NewReplacer("\ue000", "<", "\ue001", ">", "\ue002", " ")
}

func (p preview) parts(e config.Expression, all []hclsyntax.Expression) []hclsyntax.Expression {
	shown := make([]hclsyntax.Expression, len(all))
	for i, part := range all {
		shown[i] = p.part(e, part)
	}
	return shown
}

// openNames returns the open values in a part of an expression, each once.
func (p preview) openNames(e config.Expression, part hclsyntax.Expression) []string {
	var names []string
	for _, use := range p.openUses(e, part.Range()) {
		if text := use.Ref.String(); !slices.Contains(names, text) {
			names = append(names, text)
		}
	}
	return names
}

// openUses returns the open values in a part of an expression, direct or through locals: results of a run, and required
// arguments.
func (p preview) openUses(e config.Expression, part hcl.Range) (uses []config.ReferenceUse) {
	for use := range p.file.ReachableReferences(e.Refs) {
		if p.isOpen(use.Ref) && diag.IsWithin(use.RangeInExpression(), part) {
			uses = append(uses, use)
		}
	}
	return uses
}

func (p preview) isOpen(ref config.Reference) bool {
	value, isParam := cty.NilVal, false
	switch ref.Kind {
	case config.RefArg:
		value, isParam = p.run.args[ref.Name]
	case config.RefFlag:
		value, isParam = p.run.flags[ref.Name]
	}
	return ref.IsRunTime() || isParam && !value.IsKnown()
}

// localAt returns the local of the reference at a place, or nil.
func localAt(f *config.File, e config.Expression, at hcl.Range) *config.Local {
	for _, ref := range e.Refs {
		if ref.Kind == config.RefLocal && diag.IsWithin(ref.Range, at) {
			return ref.Local()
		}
	}
	return nil
}

// evaluate returns the task with placeholders for open values. What the plan needs of the task stays as planned.
func (p preview) evaluate(e *evaluation, planned *Task, results RunResults) *Task {
	fresh := e.clone()
	run := *withResolvedArgs(fresh, p.run, results)
	run.block = p.block()
	if planned.Service == "" { // a placeholder is no service of the project
		delete(run.block.Attrs, "service")
		delete(run.block.Attrs, "job")
	}
	shown := fresh.evaluateTaskWith(&run, results)
	for _, words := range [][]string{shown.Command, shown.Entrypoint} {
		for i, word := range words {
			words[i] = shownMarks().Replace(word)
		}
	}
	shown.Name, shown.DependsOn, shown.Finally, shown.HostPorts = planned.Name, planned.DependsOn, planned.Finally,
		planned.HostPorts
	shown.DisabledReason, shown.Kind = planned.DisabledReason, planned.Kind
	return shown
}

// DeferredAttribute is an attribute with a value that only the run knows. WaitsFor are its references, as in
// `task.build.stdout`.
type DeferredAttribute struct {
	Name     string
	WaitsFor []string
}

// deferredAttributes returns the deferred attributes of a run with their references.
func deferredAttributes(e *evaluation, run *taskRun, deferred []string) []DeferredAttribute {
	var all []DeferredAttribute
	for _, name := range deferred {
		u := DeferredAttribute{Name: name}
		for _, a := range run.block.AllLayers(name) {
			u.WaitsFor = addRunTimeReferences(e, u.WaitsFor, a)
			if items := run.block.Attrs["shard_items"]; items != nil && e.file.ReachesKind(a.Refs, config.RefShard) {
				u.WaitsFor = addRunTimeReferences(e, u.WaitsFor, items)
			}
		}
		for late := run.deferredArgs; name == "command" && late != nil &&
			late.caller != nil; late = late.caller.deferredArgs {
			u.WaitsFor = addRunTimeReferences(e, u.WaitsFor, late.args)
		}
		all = append(all, u)
	}
	return all
}

// addRunTimeReferences adds the run-time references of an attribute, each once.
func addRunTimeReferences(e *evaluation, values []string, a *config.Attribute) []string {
	for use := range e.file.ReachableReferences(a.Refs) {
		isRunTime := use.Ref.Kind == config.RefResult || use.Ref.Kind == config.RefTask && use.Ref.Attr != "" ||
			use.Ref.Port != ""
		if text := use.Ref.String(); isRunTime && !slices.Contains(values, text) {
			values = append(values, text)
		}
	}
	return values
}
