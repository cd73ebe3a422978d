package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// declareDefaults files the defaults of a module.
func (d *declarer) declareDefaults(n *Block) {
	if first := n.Module.defaults; first != nil {
		d.reportDuplicate("defaults block", n.HeaderRange, first.HeaderRange)
		return
	}
	n.Module.defaults = n
}

// checkDefaults finds what is wrong with a module's defaults, whether a task takes them or not.
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

// applyDefaults lays every task over the defaults of its module. Kinds are known by then: no default changes one.
func (c *checker) applyDefaults() {
	for _, t := range c.file.Tasks {
		if defaults := t.Module.defaults; defaults != nil {
			t.Block = mergeBlocks(defaults.applicableTo(t), t.Block)
			t.Group = c.literals.literalText(t.Attrs["group"])
		}
	}
}

// applicableTo are the defaults that have a meaning for a task.
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

// fromDefaults marks attributes as those of defaults.
func markedAsDefault(attrs map[string]*Attribute) map[string]*Attribute {
	marked := map[string]*Attribute{}
	for name, a := range attrs {
		own := *a
		own.IsFromDefaults = true
		marked[name] = &own
	}
	return marked
}

// acceptsDefault says that nothing of the task's own excludes an attribute, or makes it mean nothing.
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

// reportTaskOnlyAttribute reports an attribute of tasks that cannot stand in defaults. It is false for what no task has.
func (d *decoder) reportTaskOnlyAttribute(a *hclsyntax.Attribute) bool {
	found, known := TaskBlockType().AttributeNamed(a.Name)
	if !known || !slices.Contains(TaskOnlyAttributes(), found.Name) {
		return false
	}
	d.report(diag.ErrorAt(a.NameRange, fmt.Sprintf("%q cannot stand in defaults", a.Name), "It belongs to one task: write it there."))
	return true
}
