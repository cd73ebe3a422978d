package hclspec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// UnmetPrecondition is the Extra of the diagnostic about a precondition that is false. The file is right then, but
// the environment is not.
type UnmetPrecondition struct{}

// evaluateCondition evaluates a block with a condition. A mistake in the block is reported and counts as met.
func evaluateCondition(s *scope, n *config.Block) (isMet bool, message string) {
	condition, isSet := n.Attrs["condition"]
	if !isSet {
		return true, ""
	}
	holds, known := s.evaluateBool(condition)
	if !known || holds {
		return true, ""
	}
	message = "its condition does not hold."
	if a := n.Attrs["error_message"]; a != nil {
		if v, ok := s.messageValue(a.Expression); ok && v.IsWhollyKnown() {
			text, err := ctyconv.AsText(v)
			if err != nil {
				s.reportWrongValue(a, err)
			}
			message = text
		}
	}
	return false, message
}

// evaluateBool evaluates an attribute of type bool. The value is unknown after a reported mistake, and for a task
// with open words.
func (s *scope) evaluateBool(a *config.Attribute) (holds, known bool) {
	v, ok := s.value(a.Expression)
	if !ok {
		return false, false
	}
	if !v.IsKnown() {
		s.reportDeferred(a)
		return false, false
	}
	holds, err := ctyconv.AsBool(v)
	if err != nil {
		s.reportWrongValue(a, err)
		return false, false
	}
	return holds, true
}

// reportDeferred reports a deferred value that would shape the plan.
func (s *scope) reportDeferred(a *config.Attribute) {
	if s.run.deferredArgs == nil || s.run.deferredArgs.areOpen(s.file) {
		return // left open on purpose
	}
	s.report(diag.ErrorAt(a.Expr.Range(), fmt.Sprintf("%s is not known before the run", a.Name),
		"It uses words that %s gives, and those only the run can tell. They may stand in command, script and env.",
		diag.Place(s.run.deferredArgs.sourceRange)))
}

// areOpen reports whether the words depend on open words of a target, as in `tasks validate`. A run knows such words.
func (d *deferredArgs) areOpen(f *config.File) bool {
	if d.caller == nil {
		return true
	}
	return d.caller.deferredArgs != nil && usesParams(f, d.args) && d.caller.deferredArgs.areOpen(f)
}

// usesParams reports whether an attribute depends on arguments or flags.
func usesParams(f *config.File, a *config.Attribute) bool {
	return f.ReachesKind(a.Refs, config.RefArg) || f.ReachesKind(a.Refs, config.RefFlag) ||
		f.ReachesKind(a.Refs, config.RefArgs)
}

// evaluateEnabled reports whether a task is enabled, with the reason if not.
func (s *scope) evaluateEnabled() (enabled bool, reason string) {
	a := s.run.block.Attrs["enabled"]
	if a == nil {
		reason = s.idleShardReason()
		return reason == "", reason
	}
	if holds, known := s.evaluateBool(a); !known || holds {
		reason = s.idleShardReason()
		return reason == "", reason
	}
	text := s.secretSet.Secrets().Mask(s.file.SourceText(a)) // sensitive("…") may be in the text
	if text == "false" {
		return false, fmt.Sprintf("enabled is false (%s)", diag.PosText(a.Expr.Range()))
	}
	return false, fmt.Sprintf("enabled = %s is false (%s)", text, diag.PosText(a.Expr.Range()))
}

// isDisabled reports whether a run will be skipped. Users of the run's results need the answer.
func (e *evaluation) isDisabled(run *taskRun) bool {
	if known, asked := e.disabledRuns[run]; asked {
		return known
	}
	e.disabledRuns[run] = false // a task cannot wait for itself: that is reported elsewhere
	enabled, _ := e.scopeOf(run, RunResults{}).evaluateEnabled()
	e.disabledRuns[run] = !enabled
	return !enabled
}

// checkPreconditions reports all preconditions that are false.
func checkPreconditions(s *scope) {
	for _, n := range s.run.block.BlocksOfType("precondition") {
		if met, message := evaluateCondition(s, n); !met && !s.isReadOnly {
			d := diag.ErrorAt(n.Attrs["condition"].Expr.Range(),
				fmt.Sprintf("a precondition of task %q does not hold", s.run.name), "%s", message)
			diag.SetKind(d, UnmetPrecondition{})
			s.report(d)
		}
	}
}

// HasOnlyUnmetPreconditions reports whether all errors are false preconditions.
func HasOnlyUnmetPreconditions(diags hcl.Diagnostics) bool {
	return diags.HasErrors() && !slices.ContainsFunc(diags, func(d *hcl.Diagnostic) bool {
		return d.Severity == hcl.DiagError && !diag.IsKind[UnmetPrecondition](d)
	})
}

// setAllowFailure takes true, or the exit codes of success.
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
			return ctyconv.WithPathStep(key, fmt.Errorf("%s is not the code of a failure: those are 1 to 255",
				number.AsBigFloat().String()))
		}
		d.task.AllowFailure.Codes = append(d.task.AllowFailure.Codes, int(code))
	}
	return nil
}

func setConfirm(d *taskDraft, v cty.Value) (err error) {
	d.task.Confirm, err = ctyconv.AsNonEmptyText(v)
	return err
}
