package hclspec

import (
	"errors"
	"fmt"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

func setInputs(d *taskDraft, v cty.Value) (err error) {
	d.recordElementRanges("inputs", v)
	d.task.Inputs, err = d.readGlobs(v)
	return err
}

func setOutputs(d *taskDraft, v cty.Value) (err error) {
	d.recordElementRanges("outputs", v)
	d.task.Outputs, err = d.readGlobs(v)
	return err
}

// readGlobs takes globs. They start at the directory of their file, also for a base in another directory.
func (d *taskDraft) readGlobs(v cty.Value) ([]string, error) {
	list, err := asGlobs(v)
	if err != nil {
		return nil, err
	}
	return ctyconv.RebaseGlobs(d.attributeDir, d.task.Dir, list), nil
}

// asGlobs reads a list of globs.
func asGlobs(v cty.Value) ([]string, error) {
	list, err := ctyconv.AsList(v)
	if err != nil {
		return nil, err
	}
	for _, glob := range list {
		switch {
		case glob == "":
			return nil, ctyconv.WithPathStep(ctyconv.ElementKeyOf(v, glob), errors.New("an empty glob matches nothing"))
		case !doublestar.ValidatePattern(glob):
			return nil, ctyconv.WithPathStep(ctyconv.ElementKeyOf(v, glob),
				fmt.Errorf("%q is no valid glob: look for a bracket or brace that is not closed", glob))
		}
	}
	return list, nil
}

// checkUpToDate reports inputs and outputs without an effect.
func checkUpToDate(e *evaluation, task *Task) {
	if len(task.Outputs) > 0 && len(task.Inputs) == 0 {
		e.report(diag.ErrorAt(task.Range("outputs"), "outputs without inputs",
			"Task %q says what it writes, but not what it reads, so that it runs every time. Write inputs = [\"…\"], or take "+
				"outputs out.", task.Name))
	}
	if _, isSet := task.Ranges["detach"]; isSet && task.Detach && len(task.Inputs) > 0 {
		e.report(diag.ErrorAt(task.Range("inputs"), "inputs with detach",
			"Nobody stays to see whether the command of task %q succeeds, and so whether it is up to date. Take one of the "+
				"two away.", task.Name))
	}
}
