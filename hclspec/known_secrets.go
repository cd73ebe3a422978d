package hclspec

// KnownSecrets returns the sensitive texts that are known without a run. They come from variables with a value, from
// locals without tasks, and from all tasks. Commands that show recorded output need these texts. Parts with mistakes
// and deferred values are left out.
func (f *File) KnownSecrets(in Inputs) Secrets {
	e := newEvaluation(f.config, in)
	e.isReadOnly = true
	for _, v := range f.config.Variables() {
		if v.DefaultValue != nil || hasExternalValue(e, v) {
			e.secretSet.Unmark(e.variable(v, v.LabelRange))
		}
	}
	if !f.config.HasCycle {
		outside := e.scope("", nil, RunResults{})
		for _, l := range f.config.TaskIndependentLocals() {
			if value, known := outside.local(l); known {
				e.secretSet.Unmark(value)
			}
		}
	}
	if f.config.Diags.HasErrors() {
		return e.secretSet.Secrets()
	}
	e.invocations = allInvocations(f.config)
	e.targetRuns()
	for i := 0; i < len(e.runs.queue); i++ { // the queue grows by what each depends on
		e.evaluateTask(e.runs.queue[i])
	}
	return e.secretSet.Secrets()
}
