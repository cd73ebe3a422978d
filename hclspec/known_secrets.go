package hclspec

import "tasks/hclspec/internal/secret"

// KnownSecrets gives the sensitive texts that are known without a run: of variables that have a value, of locals that need no task,
// and of what every task makes of them. It is for who shows what others have written: what has mistakes is passed over, and so
// is what only a run can tell.
func (f *File) KnownSecrets(in Inputs) secret.Secrets {
	e := newEvaluation(f, in)
	e.isReadOnly = true
	for _, v := range f.variables() {
		if v.defaultValue != nil || e.hasExternalValue(v) {
			e.secretSet.Unmark(e.variable(v, v.labelRange))
		}
	}
	for _, l := range f.locals() {
		if !f.isTaskIndependent(l) {
			continue
		}
		if value, known := e.scope("", nil, RunResults{}).local(l); known {
			e.secretSet.Unmark(value)
		}
	}
	if f.diags.HasErrors() {
		return e.secretSet.Secrets()
	}
	var targets []Target
	for _, t := range f.tasks {
		targets = append(targets, Target{Name: t.name, HasUnknownArgs: true})
	}
	e.targetRuns(targets)
	for i := 0; i < len(e.runs.queue); i++ { // the queue grows by what each depends on
		e.evaluateTask(e.runs.queue[i])
	}
	return e.secretSet.Secrets()
}
