package hclspec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// UnmetPrecondition is the Extra of the diagnostic that reports a precondition which does not hold: the file is right, the world is not.
type UnmetPrecondition struct{}

// evaluateCondition evaluates a block that states one. What is wrong with it is reported, and counts as met.
func (s *scope) evaluateCondition(n *decodedBlock) (isMet bool, message string) {
	condition, isSet := n.attrs["condition"]
	if !isSet {
		return true, ""
	}
	holds, known := s.evaluateBool(condition)
	if !known || holds {
		return true, ""
	}
	message = "its condition does not hold."
	if a := n.attrs["error_message"]; a != nil {
		if v, ok := s.messageValue(a.expression); ok && v.IsWhollyKnown() {
			text, err := ctyconv.AsText(v)
			if err != nil {
				s.report(wrongValueError(a, err))
			}
			message = text
		}
	}
	return false, message
}

// evaluateBool evaluates an attribute that is true or false. It is not known where something is wrong, which is reported, or
// where the words of the task are left open.
func (s *scope) evaluateBool(a *decodedAttribute) (holds, known bool) {
	v, ok := s.value(a.expression)
	if !ok {
		return false, false
	}
	if !v.IsKnown() {
		s.reportDeferred(a)
		return false, false
	}
	holds, err := ctyconv.AsBool(v)
	if err != nil {
		s.report(wrongValueError(a, err))
		return false, false
	}
	return holds, true
}

// reportDeferred reports a value that shapes the plan and that only the run can tell.
func (s *scope) reportDeferred(a *decodedAttribute) {
	if s.run.deferredArgs == nil || s.run.deferredArgs.caller == nil {
		return // left open on purpose
	}
	s.report(diag.ErrorAt(a.expr.Range(), fmt.Sprintf("%s is not known before the run", a.name),
		"It uses words that %s gives, and those only the run can tell. They may stand in command, script and env.", diag.Place(s.run.deferredArgs.sourceRange)))
}

// evaluateEnabled says whether a task is to run at all, and why not.
func (s *scope) evaluateEnabled() (enabled bool, reason string) {
	a := s.run.block.attrs["enabled"]
	if a == nil {
		return true, ""
	}
	if holds, known := s.evaluateBool(a); !known || holds {
		return true, ""
	}
	text := s.file.sourceText(a)
	if text == "false" {
		return false, fmt.Sprintf("enabled is false (%s)", diag.PosText(a.expr.Range()))
	}
	return false, fmt.Sprintf("enabled = %s is false (%s)", text, diag.PosText(a.expr.Range()))
}

// isDisabled says whether a run will be skipped. It is asked by those that use its results.
func (e *evaluation) isDisabled(run *taskRun) bool {
	if known, asked := e.disabledRuns[run]; asked {
		return known
	}
	e.disabledRuns[run] = false // a task cannot wait for itself: that is reported elsewhere
	enabled, _ := e.scopeOf(run, RunResults{}).evaluateEnabled()
	e.disabledRuns[run] = !enabled
	return !enabled
}

// checkPreconditions reports those that do not hold, all of them.
func (s *scope) checkPreconditions() {
	for _, n := range s.run.block.blocksOfType("precondition") {
		if met, message := s.evaluateCondition(n); !met && !s.isReadOnly {
			d := diag.ErrorAt(n.attrs["condition"].expr.Range(), fmt.Sprintf("a precondition of task %q does not hold", s.run.name), "%s", message)
			diag.SetKind(d, UnmetPrecondition{})
			s.report(d)
		}
	}
}

// HasOnlyUnmetPreconditions says that all errors are preconditions which do not hold.
func HasOnlyUnmetPreconditions(diags hcl.Diagnostics) bool {
	return diags.HasErrors() && !slices.ContainsFunc(diags, func(d *hcl.Diagnostic) bool {
		return d.Severity == hcl.DiagError && !diag.IsKind[UnmetPrecondition](d)
	})
}

// setAllowFailure takes true, or the codes that count as success.
func setAllowFailure(d *taskDraft, v cty.Value) error {
	if !ctyconv.IsSequence(v.Type()) {
		all, err := ctyconv.AsBool(v)
		if err != nil {
			return ctyconv.WrongTypeError("true, false or a list of exit codes", v)
		}
		d.task.AllowFailure = AllowFailure{All: all}
		return nil
	}
	d.task.AllowFailure = AllowFailure{}
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if element.IsNull() {
			continue
		}
		number, err := convert.Convert(element, cty.Number)
		if err != nil {
			return ctyconv.WithPathStep(key, ctyconv.WrongTypeError("an exit code", element))
		}
		code, exact := number.AsBigFloat().Int64()
		if exact != 0 || code < 1 || code > 255 {
			return ctyconv.WithPathStep(key, fmt.Errorf("%s is not the code of a failure: those are 1 to 255", number.AsBigFloat().String()))
		}
		d.task.AllowFailure.Codes = append(d.task.AllowFailure.Codes, int(code))
	}
	return nil
}

func setConfirm(d *taskDraft, v cty.Value) (err error) {
	d.task.Confirm, err = ctyconv.AsNonEmptyText(v)
	return err
}
