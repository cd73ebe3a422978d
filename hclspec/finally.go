package hclspec

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
)

// finallyDependencies gives the runs of other tasks that follow a run however it ends.
func finallyDependencies(e *evaluation, run *taskRun) []Dependency {
	var deps []Dependency
	for _, d := range run.block.Finally {
		deps = append(deps, expandDependency(e, d, invocation{finallyOf: run, caller: run})...)
	}
	return deps
}

// finallyOfDeferredArgs is the run whose end the words of another one tell of; nil: none.
func finallyOfDeferredArgs(e *evaluation, deferred *deferredArgs) *taskRun {
	for ; deferred != nil && deferred.caller != nil; deferred = deferred.caller.deferredArgs {
		if deferred.caller.finallyOf != nil && e.file.ReachesKind(deferred.args.Refs, config.RefResult) {
			return deferred.caller.finallyOf
		}
	}
	return nil
}

// unknownPrecedingRun is the name, in [Results], of a run that who looks at a follower by itself leaves open.
const unknownPrecedingRun = ""

// endResult is what result.* is in a run: how the run that it follows has ended, null where it follows none.
func (s *scope) endResult() map[string]cty.Value {
	code, reason := cty.NullVal(cty.Number), cty.NullVal(cty.String)
	if name, follows := s.precedingRun(); follows {
		code, reason = cty.UnknownVal(cty.Number).RefineNotNull(), cty.UnknownVal(cty.String).RefineNotNull()
		if r, known := s.results.Tasks[name]; known {
			code, reason = cty.NumberIntVal(int64(r.ExitCode)), cty.StringVal(string(r.Reason))
		}
	}
	return map[string]cty.Value{"exit_code": code, "reason": reason}
}

// precedingRun is the name of the run that this one follows.
func (s *scope) precedingRun() (name string, follows bool) {
	if s.run.finallyOf != nil {
		return s.run.finallyOf.name, true
	}
	return unknownPrecedingRun, s.isReadOnly && s.run.block != nil && s.run.block.PrecedingRunCount > 0
}

// reportMissingResult reports that it is not known how the run has ended that another one follows.
func reportMissingResult(e *evaluation, run *taskRun, ref config.Reference, results RunResults) bool {
	if run.finallyOf == nil {
		return false
	}
	if _, known := results.Tasks[run.finallyOf.name]; known {
		return false
	}
	e.report(diag.ErrorAt(ref.Range, fmt.Sprintf("%s is not known", ref), "Task %q has not ended.", run.finallyOf.name))
	return true
}
