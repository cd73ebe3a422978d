package hclspec

import "slices"

// DeferredAttribute is an attribute of a task whose value is known only in the run, and what it waits for: references as they are
// written, `task.build.stdout`.
type DeferredAttribute struct {
	Name     string
	WaitsFor []string
}

// deferredAttributes tell what the attributes of a run that are left for later wait for.
func (e *evaluation) deferredAttributes(run *taskRun, deferred []string) []DeferredAttribute {
	var all []DeferredAttribute
	for _, name := range deferred {
		u := DeferredAttribute{Name: name}
		for _, a := range run.block.allLayers(name) {
			u.WaitsFor = e.addRunTimeReferences(u.WaitsFor, a)
		}
		for late := run.deferredArgs; name == "command" && late != nil && late.caller != nil; late = late.caller.deferredArgs {
			u.WaitsFor = e.addRunTimeReferences(u.WaitsFor, late.args)
		}
		all = append(all, u)
	}
	return all
}

// addRunTimeReferences adds the references of an attribute that only a run can follow, each once.
func (e *evaluation) addRunTimeReferences(values []string, a *decodedAttribute) []string {
	for use := range e.file.reachableReferences(a.refs) {
		isRunTime := use.ref.kind == refResult || use.ref.kind == refTask && use.ref.attr != "" || use.ref.port != ""
		if text := use.ref.String(); isRunTime && !slices.Contains(values, text) {
			values = append(values, text)
		}
	}
	return values
}
