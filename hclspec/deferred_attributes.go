package hclspec

import (
	"slices"

	"tasks/hclspec/internal/config"
)

// DeferredAttribute is an attribute of a task whose value is known only in the run, and what it waits for: references as they are
// written, `task.build.stdout`.
type DeferredAttribute struct {
	Name     string
	WaitsFor []string
}

// deferredAttributes tell what the attributes of a run that are left for later wait for.
func deferredAttributes(e *evaluation, run *taskRun, deferred []string) []DeferredAttribute {
	var all []DeferredAttribute
	for _, name := range deferred {
		u := DeferredAttribute{Name: name}
		for _, a := range run.block.AllLayers(name) {
			u.WaitsFor = addRunTimeReferences(e, u.WaitsFor, a)
		}
		for late := run.deferredArgs; name == "command" && late != nil && late.caller != nil; late = late.caller.deferredArgs {
			u.WaitsFor = addRunTimeReferences(e, u.WaitsFor, late.args)
		}
		all = append(all, u)
	}
	return all
}

// addRunTimeReferences adds the references of an attribute that only a run can follow, each once.
func addRunTimeReferences(e *evaluation, values []string, a *config.Attribute) []string {
	for use := range e.file.ReachableReferences(a.Refs) {
		isRunTime := use.Ref.Kind == config.RefResult || use.Ref.Kind == config.RefTask && use.Ref.Attr != "" || use.Ref.Port != ""
		if text := use.Ref.String(); isRunTime && !slices.Contains(values, text) {
			values = append(values, text)
		}
	}
	return values
}
