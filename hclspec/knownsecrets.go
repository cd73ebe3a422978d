package hclspec

// Secrets gives the sensitive texts that are known without a run: of variables that have a value, of locals that need no task,
// and of what every task makes of them. It is for who shows what others have written: what has mistakes is passed over, and so
// is what only a run can tell.
func (f *File) Secrets(in Inputs) Secrets {
	e := newEvaluation(f, in)
	e.looking = true
	for _, v := range f.variables() {
		if v.defaultValue != nil || e.isGiven(v) {
			e.concealed.reveal(e.variable(v, v.labelRange))
		}
	}
	for _, l := range f.locals() {
		if !f.standsAlone(l) {
			continue
		}
		if value, known := e.scope("", nil, Results{}).local(l); known {
			e.concealed.reveal(value)
		}
	}
	if f.diags.HasErrors() {
		return e.concealed.secrets()
	}
	var targets []Target
	for _, t := range f.tasks {
		targets = append(targets, Target{Name: t.name, AnyWords: true})
	}
	e.checkTargets(targets)
	for i := 0; i < len(e.runs.queue); i++ { // the queue grows by what each depends on
		e.task(e.runs.queue[i])
	}
	return e.concealed.secrets()
}
