package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// declareDefaults declares the defaults of a module.
func (d *declarer) declareDefaults(n *Block) {
	if first := n.Module.defaults; first != nil {
		d.reportDuplicate("defaults block", n.HeaderRange, first.HeaderRange)
		return
	}
	n.Module.defaults = n
}

// checkDefaults checks the defaults of a module, also without a task that takes them.
func (c *checker) checkDefaults(m *Module) {
	if m.defaults == nil {
		return
	}
	for _, a := range m.defaults.SortedAttrs() {
		if !a.IsStatic {
			c.analyseTaskAttribute(a)
		}
	}
	if n := m.defaults.SingleBlocks["retry"]; n != nil {
		for _, a := range n.SortedAttrs() {
			c.analyseTaskAttribute(a)
		}
		c.checkAttempts(n)
	}
}

// applyDefaults merges the defaults of a module below each task. No default changes the kind of a task.
func (c *checker) applyDefaults() {
	for _, t := range c.file.Tasks {
		if defaults := t.Module.defaults; defaults != nil {
			t.Block = mergeBlocks(defaults.applicableTo(t), t.Block)
			t.Group = c.literals.literalText(t.Attrs["group"])
		}
	}
}

// applicableTo returns the defaults with a meaning for a task.
func (n *Block) applicableTo(t *Task) *Block {
	applicable := *n
	applicable.Attrs = maps.Clone(n.Attrs)
	maps.DeleteFunc(applicable.Attrs, func(name string, a *Attribute) bool {
		return !slices.Contains(a.Kinds, t.Kind) || !t.acceptsDefault(name)
	})
	applicable.Attrs = markedAsDefault(applicable.Attrs)
	applicable.SingleBlocks = map[string]*Block{}
	for name, b := range n.SingleBlocks {
		if t.Kind != GroupTask {
			own := *b
			own.Attrs = markedAsDefault(b.Attrs)
			applicable.SingleBlocks[name] = &own
		}
	}
	return &applicable
}

// markedAsDefault returns copies of attributes with the mark of defaults.
func markedAsDefault(attrs map[string]*Attribute) map[string]*Attribute {
	marked := map[string]*Attribute{}
	for name, a := range attrs {
		own := *a
		own.IsFromDefaults = true
		marked[name] = &own
	}
	return marked
}

// acceptsDefault reports whether the attributes of the task leave a default its meaning.
func (t *Task) acceptsDefault(name string) bool {
	switch name {
	case "shell":
		return t.Attrs["script"] != nil
	case "ports":
		return t.Attrs["service_ports"] == nil
	case "dependency_policy":
		return t.Attrs["detach"] == nil
	case "service_ports":
		return t.Attrs["ports"] == nil
	}
	return true
}

// reportTaskOnlyAttribute reports an attribute that defaults cannot have. The result is false for an attribute
// unknown to tasks.
func (d *decoder) reportTaskOnlyAttribute(a *hclsyntax.Attribute) bool {
	found, known := TaskBlockType().AttributeNamed(a.Name)
	if !known || !slices.Contains(TaskOnlyAttributes(), found.Name) {
		return false
	}
	d.report(diag.ErrorAt(a.NameRange, fmt.Sprintf("%q cannot stand in defaults", a.Name),
		"It belongs to one task: write it there."))
	return true
}
