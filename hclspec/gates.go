package hclspec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// Unmet is the Extra of the diagnostic that reports a precondition which does not hold: the file is right, the world is not.
type Unmet struct{}

// condition evaluates a block that states one. What is wrong with it is reported, and counts as met.
func (s *scope) condition(n *node) (met bool, message string) {
	condition, stated := n.attrs["condition"]
	if !stated {
		return true, ""
	}
	holds, known := s.truth(condition)
	if !known || holds {
		return true, ""
	}
	message = "its condition does not hold."
	if a := n.attrs["error_message"]; a != nil {
		if v, ok := s.told(a.expression); ok && v.IsWhollyKnown() {
			text, err := asText(v)
			if err != nil {
				s.report(wrongValue(a, err))
			}
			message = text
		}
	}
	return false, message
}

// truth evaluates an attribute that is true or false. It is not known where something is wrong, which is reported, or
// where the words of the task are left open.
func (s *scope) truth(a *attr) (holds, known bool) {
	v, ok := s.value(a.expression)
	if !ok {
		return false, false
	}
	if !v.IsKnown() {
		s.notYet(a)
		return false, false
	}
	holds, err := asBool(v)
	if err != nil {
		s.report(wrongValue(a, err))
		return false, false
	}
	return holds, true
}

// notYet reports a value that shapes the plan and that only the run can tell.
func (s *scope) notYet(a *attr) {
	if s.inst.late == nil || s.inst.late.by == nil {
		return // left open on purpose
	}
	s.report(problem(a.expr.Range(), fmt.Sprintf("%s is not known before the run", a.name),
		"It uses words that %s gives, and those only the run can tell. They may stand in command, script and env.", place(s.inst.late.at)))
}

// enabled says whether a task is to run at all, and why not.
func (s *scope) enabled() (enabled bool, reason string) {
	a := s.inst.block.attrs["enabled"]
	if a == nil {
		return true, ""
	}
	if holds, known := s.truth(a); !known || holds {
		return true, ""
	}
	text := s.file.written(a)
	if text == "false" {
		return false, fmt.Sprintf("enabled is false (%s)", place(a.expr.Range()))
	}
	return false, fmt.Sprintf("enabled = %s is false (%s)", text, place(a.expr.Range()))
}

// disabled says whether a run will be skipped. It is asked by those that use its results.
func (e *evaluation) disabled(i *instance) bool {
	if known, asked := e.skipped[i]; asked {
		return known
	}
	e.skipped[i] = false // a task cannot wait for itself: that is reported elsewhere
	enabled, _ := e.scopeOf(i, Results{}).enabled()
	e.skipped[i] = !enabled
	return !enabled
}

// preconditions reports those that do not hold, all of them.
func (s *scope) preconditions() {
	for _, n := range s.inst.block.all("precondition") {
		if met, message := s.condition(n); !met && !s.looking {
			d := problem(n.attrs["condition"].expr.Range(), fmt.Sprintf("a precondition of task %q does not hold", s.inst.name), "%s", message)
			d.Extra = Unmet{}
			s.report(d)
		}
	}
}

// OnlyUnmet says that all errors are preconditions which do not hold.
func OnlyUnmet(diags hcl.Diagnostics) bool {
	return diags.HasErrors() && !slices.ContainsFunc(diags, func(d *hcl.Diagnostic) bool {
		_, unmet := d.Extra.(Unmet)
		return d.Severity == hcl.DiagError && !unmet
	})
}

// setAllowFailure takes true, or the codes that count as success.
func setAllowFailure(d *draft, v cty.Value) error {
	if !isSequence(v.Type()) {
		all, err := asBool(v)
		if err != nil {
			return wrongType("true, false or a list of exit codes", v)
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
			return inside(key, wrongType("an exit code", element))
		}
		code, exact := number.AsBigFloat().Int64()
		if exact != 0 || code < 1 || code > 255 {
			return inside(key, fmt.Errorf("%s is not the code of a failure: those are 1 to 255", number.AsBigFloat().String()))
		}
		d.task.AllowFailure.Codes = append(d.task.AllowFailure.Codes, int(code))
	}
	return nil
}

func setConfirm(d *draft, v cty.Value) (err error) {
	d.task.Confirm, err = asName(v)
	return err
}

// convertTo converts, with an error that names the type.
func convertTo(v cty.Value, want cty.Type) (cty.Value, error) {
	converted, err := convert.Convert(v, want)
	if err != nil {
		return cty.NilVal, fmt.Errorf("it must be %s: %s", article(want.FriendlyNameForConstraint()), err)
	}
	return converted, nil
}
