package hclspec

import (
	"slices"

	"tasks/hclspec/internal/config"
)

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
