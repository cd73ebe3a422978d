package hclspec

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
)

// finallyDependencies returns the runs after the end of a run.
func finallyDependencies(e *evaluation, run *taskRun) []Dependency {
	var deps []Dependency
	for _, d := range run.block.Finally {
		deps = append(deps, expandDependency(e, d, invocation{finallyOf: run, caller: run})...)
	}
	return deps
}

// finallyOfDeferredArgs returns the run with the result in deferred words, or nil.
func finallyOfDeferredArgs(e *evaluation, deferred *deferredArgs) *taskRun {
	for ; deferred != nil && deferred.caller != nil; deferred = deferred.caller.deferredArgs {
		if deferred.caller.finallyOf != nil && e.file.ReachesKind(deferred.args.Refs, config.RefResult) {
			return deferred.caller.finallyOf
		}
	}
	return nil
}

// unknownPrecedingRun is the name in [RunResults] of the open run before a finally task. A finally task that is
// shown alone has such a run.
const unknownPrecedingRun = ""

// endResult returns result.* of a finally run: the end of the run before. Both values are null in other runs.
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

// precedingRun returns the name of the run before a finally run.
func (s *scope) precedingRun() (name string, follows bool) {
	if s.run.finallyOf != nil {
		return s.run.finallyOf.name, true
	}
	return unknownPrecedingRun, s.isReadOnly && s.run.block != nil && s.run.block.PrecedingRunCount > 0
}

// reportMissingResult reports an unknown end of the run before a finally run.
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
