package hclspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/funcs"
)

// scope is what the expressions of one task see. Locals live in it, as they may use args and self.
type scope struct {
	*evaluation
	// task is the task's name, empty outside of tasks.
	taskName string
	args     []string
	// run is the run of a task whose expressions these are; empty outside of tasks.
	run *taskRun
	// results are what dependencies gave; a task that is missing here has not run yet.
	results RunResults
	// locals holds those that were needed so far; one without a usable value is cty.NilVal.
	locals map[*local]cty.Value
	// functionsByModule are the functions of each module's own.
	functionsByModule map[*module]map[string]function.Function
}

func (e *evaluation) scope(task string, args []string, results RunResults) *scope {
	return &scope{evaluation: e, taskName: task, args: args, run: &taskRun{}, results: results, locals: map[*local]cty.Value{}, functionsByModule: map[*module]map[string]function.Function{}}
}

// scopeOf is what the expressions of one run of a task see.
func (e *evaluation) scopeOf(run *taskRun, results RunResults) *scope {
	s := e.scope(run.block.name, run.rest, results)
	s.run = run
	return s
}

// value evaluates an expression for use. It is not ok when something is wrong, which is reported.
func (s *scope) value(e expression) (cty.Value, bool) {
	v, ok := s.markedValue(e)
	return s.secretSet.Unmark(v), ok
}

// nameValue evaluates an attribute whose value becomes a name. That stands where nothing masks it, so that a sensitive one is
// refused.
func (s *scope) nameValue(a *decodedAttribute) (cty.Value, bool) {
	v, ok := s.markedValue(a.expression)
	if !ok || !v.ContainsMarked() {
		return v, ok
	}
	_, sensitive := v.UnmarkDeepWithPaths()
	for _, part := range sensitive {
		s.report(diag.ErrorAt(innermostRange(a.expr, part.Path, false), fmt.Sprintf("sensitive value of %s", a.name),
			"It would be part of the name %s, which cannot be masked. Where it may be shown, write nonsensitive(…).", a.attributeType.nameOf))
	}
	return cty.NilVal, false
}

// told evaluates a text that is for people to read. It is no secret as a whole: what it quotes is masked where it is shown.
func (s *scope) messageValue(e expression) (cty.Value, bool) {
	v, ok := s.markedValue(e)
	if !ok {
		return v, false
	}
	plain, _ := v.UnmarkDeep()
	return plain, true
}

// markedValue evaluates an expression, and first what it refers to. What is made of sensitive values bears their mark.
func (s *scope) markedValue(e expression) (cty.Value, bool) {
	v, diags, ok := s.evaluateWith(e, nil)
	for _, d := range diags {
		s.report(d)
	}
	if !ok || diags.HasErrors() {
		return cty.NilVal, false
	}
	return v, true
}

// evaluateWith evaluates an expression that sees some names besides. It is not ok where something that it refers to has no
// value, which is reported.
func (s *scope) evaluateWith(e expression, extra map[string]cty.Value) (cty.Value, hcl.Diagnostics, bool) {
	members := map[refKind]map[string]cty.Value{}
	complete := true
	for _, ref := range e.refs {
		if ref.kind == refFunction {
			continue
		}
		v, ok := s.referenceValue(ref, e.origin)
		if !ok {
			complete = false
			continue
		}
		if members[ref.kind] == nil {
			members[ref.kind] = map[string]cty.Value{}
		}
		members[ref.kind][ref.name] = v
	}
	if !complete {
		return cty.NilVal, nil, false
	}
	builtin := &hcl.EvalContext{Functions: s.functionsForDir(e.dir)}
	ctx := builtin.NewChild()
	ctx.Variables, ctx.Functions = map[string]cty.Value{}, s.moduleFunctions(e.mod)
	for kind, values := range members {
		if kind == refArgs {
			ctx.Variables[string(kind)] = values[""]
			continue
		}
		ctx.Variables[string(kind)] = cty.ObjectVal(values)
	}
	for name, v := range extra {
		ctx.Variables[name] = v
	}
	v, diags := e.expr.Value(ctx)
	reported := explainMembers(diags)
	if len(reported) < len(diags) && !reported.HasErrors() {
		return cty.NilVal, nil, false
	}
	return v, reported, true
}

// reference gives the value behind a name: that of the second step, or of the root where there is none.
func (s *scope) referenceValue(ref reference, from origin) (cty.Value, bool) {
	switch ref.kind {
	case refVar:
		v := s.variable(ref.mod.variableByName[ref.name], ref.rng)
		return v, v != cty.NilVal
	case refLocal:
		return s.local(ref.local())
	case refTask:
		return s.taskResult(ref)
	case refArgs:
		if s.run.deferredArgs != nil {
			return cty.UnknownVal(cty.List(cty.String)).RefineNotNull(), true
		}
		return ctyconv.TextList(s.args), true
	case refArg:
		return s.runMember(ref, s.run.args)
	case refFlag:
		return s.runMember(ref, s.run.flags)
	case refMatrix:
		return s.runMember(ref, s.run.matrix)
	case refResult:
		return s.runMember(ref, s.endResult())
	case refSelf:
		return cty.StringVal(s.taskName), true
	case refPath:
		return cty.StringVal(map[string]string{"root": s.in.Root, "module": from.dir, "cwd": s.in.Cwd}[ref.name]), true
	case refPlatform:
		return cty.StringVal(map[string]string{"os": s.in.OS, "arch": s.in.Arch}[ref.name]), true
	case refService:
		return s.serviceWithPorts(ref, s.composeScope(from))
	case refProject:
		project, ok := s.loadProject(s.composeScope(from), ref.rng)
		if !ok {
			return cty.NilVal, false
		}
		return cty.StringVal(project.Name()), true
	}
	panic(fmt.Sprintf("reference of kind %q", ref.kind))
}

// composeScope is the compose project that an expression means: in a task always the task's, wherever the expression is written.
func (s *scope) composeScope(from origin) string {
	if s.run.block != nil {
		return s.run.block.mod.composeScope()
	}
	return from.mod.composeScope()
}

func (s *scope) local(l *local) (cty.Value, bool) {
	if v, known := s.locals[l]; known {
		return v, v != cty.NilVal
	}
	v, ok := s.markedValue(l.expression)
	s.locals[l] = v
	return v, ok
}

// runMember gives a value that the run itself has: of its words, or of its combination.
func (s *scope) runMember(ref reference, values map[string]cty.Value) (cty.Value, bool) {
	v, known := values[ref.name]
	if !known {
		keys := slices.Collect(maps.Keys(values))
		s.report(diag.ErrorAt(ref.rng, fmt.Sprintf("unknown name %q", ref), "There is no %q in %s.%s", ref.name, ref.kind, diag.DidYouMean(ref.name, keys)))
	}
	return v, known
}

// taskResult is what a run of another task gave: nothing before it has run, null where it will not.
func (s *scope) taskResult(ref reference) (cty.Value, bool) {
	runs := s.runsOf(invocation{block: s.file.taskByName[ref.taskName()], combination: combinationOf(ref.name), caller: s.caller(), sourceRange: ref.rng})
	if len(runs) == 0 {
		return cty.NilVal, false
	}
	if s.isDisabled(runs[0]) {
		return resultValue(cty.NullVal(cty.String), cty.NullVal(cty.Number)), true
	}
	return s.resultOf(runs[0].name), true
}

// caller is the run whose expressions these are; nil: they are of none.
func (s *scope) caller() *taskRun {
	if s.run.policy.value == "" {
		return nil
	}
	return s.run
}

// resultOf is what is known of a task: nothing, before it has run.
func (s *scope) resultOf(name string) cty.Value {
	stdout, exitCode := cty.UnknownVal(cty.String).RefineNotNull(), cty.UnknownVal(cty.Number).RefineNotNull()
	if r, known := s.results.Tasks[name]; known {
		stdout = cty.StringVal(strings.TrimRight(r.Stdout, "\r\n"))
		exitCode = cty.NumberIntVal(int64(r.ExitCode))
	}
	return resultValue(stdout, exitCode)
}

func resultValue(stdout, exitCode cty.Value) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"stdout": stdout, "exit_code": exitCode})
}

// functionsForDir gives the functions for the expressions of files in a directory.
func (e *evaluation) functionsForDir(dir string) map[string]function.Function {
	if e.functions[dir] == nil {
		e.functions[dir] = funcs.Build(e.in.forFunctions(dir, e.secretSet))
	}
	return e.functions[dir]
}
