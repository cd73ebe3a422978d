package hclspec

import (
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
)

// runDependencies returns the runs and services before a run.
func runDependencies(e *evaluation, run *taskRun) []Dependency {
	var deps []Dependency
	var used map[string]bool
	if run.skipDependencies {
		used = e.file.TasksWithUsedResults(run.block)
	}
	for _, d := range run.block.DependsOn {
		if run.skipDependencies && d.Task != "" && !used[d.Task] {
			continue
		}
		deps = append(deps, expandDependency(e, d, invocation{caller: run})...)
	}
	for _, d := range run.block.DependsBlocks {
		if !run.skipDependencies {
			deps = append(deps, expandDependency(e, d.Dependency, dependsInvocation(e, run, d))...)
		}
	}
	return append(deps, deferredArgDependencies(e, run.deferredArgs)...)
}

// expandDependency replaces a task by its runs.
func expandDependency(e *evaluation, d Dependency, c invocation) []Dependency {
	if d.Task == "" {
		return []Dependency{d}
	}
	c.block, c.combination, c.sourceRange = e.file.TaskByName[config.DeclaredName(d.Task)], config.CombinationOf(d.Task),
		d.Range
	var deps []Dependency
	for _, run := range e.runsOf(c) {
		dep := d
		dep.Task = run.name
		deps = append(deps, dep)
	}
	return deps
}

// dependsInvocation evaluates the words of a `depends` block, or defers them to the run.
func dependsInvocation(e *evaluation, run *taskRun, d config.DependsBlock) invocation {
	if d.Args == nil {
		return invocation{caller: run}
	}
	v, ok := e.scopeOf(run, RunResults{}).value(d.Args.Expression)
	if !ok {
		return invocation{caller: run}
	}
	if !v.IsWhollyKnown() {
		deferred := &deferredArgs{caller: run, args: d.Args, sourceRange: d.Range}
		return invocation{deferredArgs: deferred, finallyOf: finallyOfDeferredArgs(e, deferred), caller: run}
	}
	return invocation{commandLine: commandLine{rawArgs: evaluateArgs(e, d.Args, v)}, caller: run,
		argsRange: d.Args.Expr.Range()}
}

// evaluateArgs makes words from the args of a `depends` block.
func evaluateArgs(e *evaluation, a *config.Attribute, v cty.Value) []string {
	if v.IsNull() {
		return nil
	}
	if !ctyconv.IsSequence(v.Type()) {
		e.report(config.WrongValueError(a, ctyconv.WrongTypeError("a list of words", v)))
		return nil
	}
	args, err := ctyconv.AsWords(v)
	if err != nil {
		e.report(config.WrongValueError(a, err))
	}
	return args
}

// deferredArgDependencies returns the tasks and services with values for the deferred words of a run.
func deferredArgDependencies(e *evaluation, deferred *deferredArgs) []Dependency {
	if deferred == nil || deferred.caller == nil {
		return nil
	}
	var deps []Dependency
	for use := range e.file.ReachableReferences(deferred.args.Refs) {
		if use.Ref.Kind == config.RefTask {
			deps = append(deps, expandDependency(e, Dependency{Task: use.Ref.RunName(), IsRunTime: true,
				Range: use.RangeInExpression()}, invocation{caller: deferred.caller})...)
		}
		if use.Ref.Port != "" {
			deps = append(deps, config.PortDependency(use))
		}
	}
	return append(deps, deferredArgDependencies(e, deferred.caller.deferredArgs)...)
}

// withResolvedArgs returns a copy of a run with its deferred words, now that results are known.
func withResolvedArgs(e *evaluation, run *taskRun, results RunResults) *taskRun {
	if run.deferredArgs == nil {
		return run
	}
	resolved := *run
	resolved.deferredArgs = nil
	if run.deferredArgs.caller == nil {
		resolved.parsedArgs = placeholderArgs(run)
		return &resolved
	}
	if reportMissingResults(e, run.deferredArgs.caller, run.deferredArgs.args, results) {
		return run
	}
	v, ok := e.scopeOf(withResolvedArgs(e, run.deferredArgs.caller, results),
		results).value(run.deferredArgs.args.Expression)
	if !ok || !v.IsWhollyKnown() {
		return run
	}
	parseArgs(e, &resolved, evaluateArgs(e, run.deferredArgs.args, v), run.deferredArgs.args.Expr.Range())
	return &resolved
}
