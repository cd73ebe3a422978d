package hclspec

import "slices"

// Unknown is an attribute of a task whose value is known only in the run, and what it waits for: references as they are
// written, `task.build.stdout`.
type Unknown struct {
	Attribute string
	Values    []string
}

// unknowns tell what the attributes of a run that are left for later wait for.
func (e *evaluation) unknowns(i *instance, deferred []string) []Unknown {
	var all []Unknown
	for _, name := range deferred {
		u := Unknown{Attribute: name}
		for _, a := range i.block.named(name) {
			u.Values = e.lateValues(u.Values, a)
		}
		for late := i.late; name == "command" && late != nil && late.by != nil; late = late.by.late {
			u.Values = e.lateValues(u.Values, late.args)
		}
		all = append(all, u)
	}
	return all
}

// lateValues adds the references of an attribute that only a run can follow, each once.
func (e *evaluation) lateValues(values []string, a *attr) []string {
	for use := range e.file.reach(a.refs) {
		late := use.ref.kind == refResult || use.ref.kind == refTask && use.ref.attr != "" || use.ref.port != ""
		if text := use.ref.String(); late && !slices.Contains(values, text) {
			values = append(values, text)
		}
	}
	return values
}
