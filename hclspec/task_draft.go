package hclspec

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
