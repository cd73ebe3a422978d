package hclspec

import (
	"slices"
	"testing"

	"tasks/hclspec/internal/config"
)

// TestAttributeSetters: each attribute of a task with a value has a setter, but for two with code of their own, and each setter
// has its attribute.
func TestAttributeSetters(t *testing.T) {
	setters := attributeSetters()
	ownCode := []string{"matrix", "enabled", "shards", "shard_timings"}
	var names []string
	for _, a := range config.TaskBlockType().Attrs {
		names = append(names, a.Name)
		if _, isSet := setters[a.Name]; isSet == (a.IsStatic || slices.Contains(ownCode, a.Name)) {
			t.Errorf("attribute %q: setter %t", a.Name, isSet)
		}
	}
	for name := range setters {
		if !slices.Contains(names, name) {
			t.Errorf("the setter %q has no attribute", name)
		}
	}
}
