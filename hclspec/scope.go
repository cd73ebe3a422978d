package hclspec

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/funcs"
	"tasks/hclspec/internal/secret"
)

// scope holds the values for the expressions of a task run. Locals are part of the scope, because they may use
// args and self.
type scope struct {
	*evaluation
	// taskName is empty outside of tasks.
	taskName string
	args     []string
	// run is the task run with these expressions; an empty run outside of tasks.
	run *taskRun
	// results are the results of dependencies. A missing task has not run yet.
	results RunResults
	// locals holds the evaluated locals. A local without a usable value is cty.NilVal.
	locals map[*config.Local]cty.Value
	// functionsByModule are the user functions of each module.
	functionsByModule map[*config.Module]map[string]function.Function
}

func (e *evaluation) scope(task string, args []string, results RunResults) *scope {
	return &scope{evaluation: e, taskName: task, args: args, run: &taskRun{}, results: results,
		locals: map[*config.Local]cty.Value{}, functionsByModule: map[*config.Module]map[string]function.Function{}}
}

// scopeOf returns the scope of a task run.
func (e *evaluation) scopeOf(run *taskRun, results RunResults) *scope {
	s := e.scope(run.block.Name, run.rest, results)
	s.run = run
	return s
}

// value evaluates an expression for use. After a reported mistake the result is not ok.
func (s *scope) value(e config.Expression) (cty.Value, bool) {
	v, ok := s.markedValue(e)
	return s.secretSet.Unmark(v), ok
}

// nameValue evaluates an attribute for a name. Names are not masked, so a sensitive value is an error.
func (s *scope) nameValue(a *config.Attribute) (cty.Value, bool) {
	v, ok := s.markedValue(a.Expression)
	if !ok || !v.ContainsMarked() {
		return v, ok
	}
	_, sensitive := v.UnmarkDeepWithPaths()
	for _, part := range sensitive {
		s.report(diag.ErrorAt(config.InnermostRange(a.Expr, part.Path, false), fmt.Sprintf("sensitive value of %s", a.Name),
			"It would be part of the name %s, which cannot be masked. Where it may be shown, write nonsensitive(…).",
			a.AttributeType.NameOf))
	}
	return cty.NilVal, false
}

// messageValue evaluates a text for people. The text as a whole is no secret: its secret parts are masked at
// display.
func (s *scope) messageValue(e config.Expression) (cty.Value, bool) {
	v, ok := s.markedValue(e)
	if !ok || !v.ContainsMarked() {
		return v, ok
	}
	if ctx, ok := s.contextOf(e, nil); ok {
		s.secretSet.AddMessageParts(e.Expr, ctx)
	}
	plain, _ := v.UnmarkDeep()
	return plain, true
}

// reportWrongValue reports a wrong value of an attribute. For a sensitive value the reason is left out.
func (s *scope) reportWrongValue(a *config.Attribute, err error) {
	d := config.WrongValueError(a, err)
	if v, ok := s.markedValue(a.Expression); ok && isSensitivePart(v, err) {
		diag.SetDetail(d, diag.Textf("%s.", diag.UpperFirst(secret.Reason)))
	}
	s.report(d)
}

// isSensitivePart reports whether the wrong part of a value is sensitive.
func isSensitivePart(v cty.Value, err error) bool {
	var wrong ctyconv.ValueError
	if errors.As(err, &wrong) && !wrong.IsKey {
		for i := range wrong.Path {
			if part, err := wrong.Path[:i+1].Apply(v); err == nil && !v.IsMarked() {
				v = part
				continue
			}
			break
		}
	}
	return v.ContainsMarked()
}

// markedValue evaluates an expression and its references. A value made from sensitive values has their mark.
func (s *scope) markedValue(e config.Expression) (cty.Value, bool) {
	v, diags, ok := s.evaluateWith(e, nil)
	for _, d := range diags {
		s.report(d)
	}
	if !ok || diags.HasErrors() {
		return cty.NilVal, false
	}
	return v, true
}

// evaluateWith evaluates an expression with extra names. The result is not ok if a reference has no value, which
// is reported.
func (s *scope) evaluateWith(e config.Expression, extra map[string]cty.Value) (cty.Value, hcl.Diagnostics, bool) {
	ctx, ok := s.contextOf(e, extra)
	if !ok {
		return cty.NilVal, nil, false
	}
	v, diags := e.Expr.Value(ctx)
	secret.HideValues(diags, e.Expr, ctx)
	reported := explainMembers(diags)
	if len(reported) < len(diags) && !reported.HasErrors() {
		return cty.NilVal, nil, false
	}
	return v, reported, true
}

// contextOf returns the functions of an expression, and the values of its references and of extra names. The result is
// not ok if a reference has no value, which is reported.
func (s *scope) contextOf(e config.Expression, extra map[string]cty.Value) (*hcl.EvalContext, bool) {
	members := map[config.RefKind]map[string]cty.Value{}
	complete := true
	for _, ref := range e.Refs {
		if ref.Kind == config.RefFunction {
			continue
		}
		v, ok := s.referenceValue(ref, e.Origin)
		if !ok {
			complete = false
			continue
		}
		root, name := ref.Kind, ref.Name
		if job := ref.Job(); job != "" {
			root, name = config.RefJob, job
		}
		if members[root] == nil {
			members[root] = map[string]cty.Value{}
		}
		members[root][name] = v
	}
	if !complete {
		return nil, false
	}
	builtin := &hcl.EvalContext{Functions: s.functionsForDir(e.Dir)}
	ctx := builtin.NewChild()
	ctx.Variables, ctx.Functions = map[string]cty.Value{}, s.moduleFunctions(e.Module)
	for kind, values := range members {
		if kind == config.RefArgs {
			ctx.Variables[string(kind)] = values[""]
			continue
		}
		ctx.Variables[string(kind)] = cty.ObjectVal(values)
	}
	for name, v := range extra {
		ctx.Variables[name] = v
	}
	return ctx, true
}

// referenceValue returns the value of the second step of a reference, or of the root without steps.
func (s *scope) referenceValue(ref config.Reference, from config.Origin) (cty.Value, bool) {
	switch ref.Kind {
	case config.RefVar:
		v := s.variable(ref.Module.VariableByName[ref.Name], ref.Range)
		return v, v != cty.NilVal
	case config.RefLocal:
		return s.local(ref.Local())
	case config.RefTask:
		return s.taskResult(ref)
	case config.RefArgs:
		if s.run.deferredArgs != nil {
			return cty.UnknownVal(cty.List(cty.String)).RefineNotNull(), true
		}
		return s.secretSet.MarkKnown(ctyconv.TextList(s.args)), true
	case config.RefArg:
		return s.runMember(ref, s.run.args)
	case config.RefFlag:
		return s.runMember(ref, s.run.flags)
	case config.RefMatrix:
		return s.runMember(ref, s.run.matrix)
	case config.RefShard:
		return s.shardMember(ref)
	case config.RefResult:
		return s.runMember(ref, s.endResult())
	case config.RefSelf:
		return cty.StringVal(s.taskName), true
	case config.RefPath:
		return cty.StringVal(map[string]string{"root": s.in.Root, "module": from.Dir, "cwd": s.in.Cwd}[ref.Name]), true
	case config.RefPlatform:
		return cty.StringVal(map[string]string{"os": s.in.OS, "arch": s.in.Arch}[ref.Name]), true
	case config.RefService:
		return s.serviceWithPorts(ref, s.composeScope(from))
	case config.RefProject:
		project, ok := s.projects.load(s.composeScope(from), ref.Range)
		if !ok {
			return cty.NilVal, false
		}
		return cty.StringVal(project.Name()), true
	case config.RefCompose:
		return s.projects.variables(s.composeScope(from), ref.Range)
	}
	panic(fmt.Sprintf("reference of kind %q", ref.Kind))
}

// composeScope returns the compose project of an expression. In a task this is the task's project, wherever the
// expression is written.
func (s *scope) composeScope(from config.Origin) string {
	if s.run.block != nil {
		return s.run.block.Module.ComposeScope() + s.run.overlayKey
	}
	return from.Module.ComposeScope()
}

func (s *scope) local(l *config.Local) (cty.Value, bool) {
	if v, known := s.locals[l]; known {
		return v, v != cty.NilVal
	}
	v, ok := s.markedValue(l.Expression)
	s.locals[l] = v
	return v, ok
}

// runMember returns a value of the run itself: from its words or its matrix cell.
func (s *scope) runMember(ref config.Reference, values map[string]cty.Value) (cty.Value, bool) {
	v, known := values[ref.Name]
	if !known {
		keys := slices.Collect(maps.Keys(values))
		s.report(diag.ErrorAt(ref.Range, fmt.Sprintf("unknown name %q", ref), "There is no %q in %s.%s", ref.Name, ref.Kind,
			diag.DidYouMean(ref.Name, keys)))
	}
	return s.secretSet.MarkKnown(v), known
}

// taskResult returns the result of another task's run: unknown before the run, null for a disabled task.
func (s *scope) taskResult(ref config.Reference) (cty.Value, bool) {
	runs := s.runsOf(invocation{block: s.file.TaskByName[ref.TaskName()], combination: config.CombinationOf(ref.Name),
		caller: s.caller(), sourceRange: ref.Range})
	if len(runs) == 0 {
		return cty.NilVal, false
	}
	if runs[0].shard.Count > 0 {
		s.report(config.ShardedResultError(ref, diag.Textf(" by a flag")))
		return cty.NilVal, false
	}
	if s.isDisabled(runs[0]) {
		return resultValue(cty.NullVal(cty.String), cty.NullVal(cty.Number)), true
	}
	return s.resultOf(runs[0].name), true
}

// caller returns the run with these expressions, or nil outside of runs.
func (s *scope) caller() *taskRun {
	if s.run.policy.value == "" {
		return nil
	}
	return s.run
}

// resultOf returns the result of a run: unknown before the run.
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

// functionsForDir returns the functions for files in a directory.
func (e *evaluation) functionsForDir(dir string) map[string]function.Function {
	if e.functions[dir] == nil {
		e.functions[dir] = funcs.Build(e.in.forFunctions(dir, e.secretSet))
	}
	return e.functions[dir]
}
