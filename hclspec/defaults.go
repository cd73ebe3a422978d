package hclspec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// declareDefaults files the defaults of a module.
func (c *checker) declareDefaults(n *decodedBlock) {
	if first := n.mod.defaults; first != nil {
		c.reportDuplicate("defaults block", n.headerRange, first.headerRange)
		return
	}
	n.mod.defaults = n
}

// checkDefaults finds what is wrong with a module's defaults, whether a task takes them or not.
func (c *checker) checkDefaults(m *module) {
	if m.defaults == nil {
		return
	}
	for _, a := range m.defaults.sortedAttrs() {
		if !a.isStatic {
			c.analyseTaskAttribute(a)
		}
	}
	if n := m.defaults.singleBlocks["retry"]; n != nil {
		for _, a := range n.sortedAttrs() {
			c.analyseTaskAttribute(a)
		}
		c.checkAttempts(n)
	}
}

// applyDefaults lays every task over the defaults of its module. Kinds are known by then: no default changes one.
func (c *checker) applyDefaults() {
	for _, t := range c.file.tasks {
		if defaults := t.mod.defaults; defaults != nil {
			t.decodedBlock = mergeBlocks(defaults.applicableTo(t), t.decodedBlock)
			t.group = c.literalText(t.attrs["group"])
		}
	}
}

// applicableTo are the defaults that have a meaning for a task.
func (n *decodedBlock) applicableTo(t *taskBlock) *decodedBlock {
	applicable := *n
	applicable.attrs = maps.Clone(n.attrs)
	maps.DeleteFunc(applicable.attrs, func(name string, a *decodedAttribute) bool {
		return !slices.Contains(a.kinds, t.kind) || !t.acceptsDefault(name)
	})
	applicable.attrs = markedAsDefault(applicable.attrs)
	applicable.singleBlocks = map[string]*decodedBlock{}
	for name, b := range n.singleBlocks {
		if t.kind != GroupTask {
			own := *b
			own.attrs = markedAsDefault(b.attrs)
			applicable.singleBlocks[name] = &own
		}
	}
	return &applicable
}

// fromDefaults marks attributes as those of defaults.
func markedAsDefault(attrs map[string]*decodedAttribute) map[string]*decodedAttribute {
	marked := map[string]*decodedAttribute{}
	for name, a := range attrs {
		own := *a
		own.isFromDefaults = true
		marked[name] = &own
	}
	return marked
}

// acceptsDefault says that nothing of the task's own excludes an attribute, or makes it mean nothing.
func (t *taskBlock) acceptsDefault(name string) bool {
	switch name {
	case "shell":
		return t.attrs["script"] != nil
	case "ports":
		return t.attrs["service_ports"] == nil
	case "dependency_policy":
		return t.attrs["detach"] == nil
	case "service_ports":
		return t.attrs["ports"] == nil
	}
	return true
}

// reportUnknownName takes away the defaults that mean nothing to a task with which nobody stays, or that has no container of its own.
func (d *taskDraft) dropUnsupported() {
	if d.task.IsExec {
		d.task.dropContainerOptions()
	}
	if d.task.Detach && d.fromDefaults["timeout"] {
		d.task.Timeout = 0
	}
	if d.task.Detach && d.fromDefaults["allow_failure"] {
		d.task.AllowFailure = AllowFailure{}
	}
	if d.fromDefaults["output_style"] && outputStyleConflict(&d.task) != "" {
		d.task.OutputStyle = ""
	}
	if d.task.Detach && d.fromDefaults["lock"] {
		d.task.Lock = ""
	}
	if d.task.Detach && d.fromDefaults["retry"] {
		d.task.Retry = Retry{}
	}
}

// reportTaskOnlyAttribute reports an attribute of tasks that cannot stand in defaults. It is false for what no task has.
func (c *checker) reportTaskOnlyAttribute(a *hclsyntax.Attribute) bool {
	found, known := taskBlockType().attributeNamed(a.Name)
	if !known || !slices.Contains(taskOnlyAttributes(), found.name) {
		return false
	}
	c.report(diag.ErrorAt(a.NameRange, fmt.Sprintf("%q cannot stand in defaults", a.Name), "It belongs to one task: write it there."))
	return true
}
