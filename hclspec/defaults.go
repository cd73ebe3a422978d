package hclspec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// declareDefaults files the defaults of a module.
func (c *checker) declareDefaults(n *node) {
	if first := n.mod.defaults; first != nil {
		c.duplicate("defaults block", n.header, first.header)
		return
	}
	n.mod.defaults = n
}

// checkDefaults finds what is wrong with a module's defaults, whether a task takes them or not.
func (c *checker) checkDefaults(m *module) {
	if m.defaults == nil {
		return
	}
	for _, a := range m.defaults.sorted() {
		if !a.static {
			c.analyseTaskAttr(a)
		}
	}
	if n := m.defaults.blocks["retry"]; n != nil {
		for _, a := range n.sorted() {
			c.analyseTaskAttr(a)
		}
		c.checkAttempts(n)
	}
}

// applyDefaults lays every task over the defaults of its module. Kinds are known by then: no default changes one.
func (c *checker) applyDefaults() {
	for _, t := range c.file.tasks {
		if defaults := t.mod.defaults; defaults != nil {
			t.node = merged(defaults.meantFor(t), t.node)
			t.group = c.literal(t.attrs["group"])
		}
	}
}

// meantFor are the defaults that have a meaning for a task.
func (n *node) meantFor(t *taskBlock) *node {
	fit := *n
	fit.attrs = maps.Clone(n.attrs)
	maps.DeleteFunc(fit.attrs, func(name string, a *attr) bool {
		return !slices.Contains(a.kinds, t.kind) || !t.leavesOpen(name)
	})
	fit.attrs = byDefault(fit.attrs)
	fit.blocks = map[string]*node{}
	for name, b := range n.blocks {
		if t.kind != Group {
			own := *b
			own.attrs = byDefault(b.attrs)
			fit.blocks[name] = &own
		}
	}
	return &fit
}

// byDefault marks attributes as those of defaults.
func byDefault(attrs map[string]*attr) map[string]*attr {
	marked := map[string]*attr{}
	for name, a := range attrs {
		own := *a
		own.byDefault = true
		marked[name] = &own
	}
	return marked
}

// leavesOpen says that nothing of the task's own excludes an attribute, or makes it mean nothing.
func (t *taskBlock) leavesOpen(name string) bool {
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

// leaveOut takes away the defaults that mean nothing to a task with which nobody stays, or that has no container of its own.
func (d *draft) leaveOut() {
	if d.task.Exec {
		d.task.joinService()
	}
	if d.task.Detach && d.byDefault["timeout"] {
		d.task.Timeout = 0
	}
	if d.task.Detach && d.byDefault["allow_failure"] {
		d.task.AllowFailure = AllowFailure{}
	}
	if d.byDefault["output_style"] && noStyle(&d.task) != "" {
		d.task.OutputStyle = ""
	}
	if d.task.Detach && d.byDefault["lock"] {
		d.task.Lock = ""
	}
	if d.task.Detach && d.byDefault["retry"] {
		d.task.Retry = Retry{}
	}
}

// refuseDefault reports an attribute of tasks that cannot stand in defaults. It is false for what no task has.
func (c *checker) refuseDefault(a *hclsyntax.Attribute) bool {
	found, known := taskBlockType().attr(a.Name)
	if !known || !slices.Contains(ofOneTask(), found.name) {
		return false
	}
	c.report(problem(a.NameRange, fmt.Sprintf("%q cannot stand in defaults", a.Name), "It belongs to one task: write it there."))
	return true
}
