package hclspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// scope is what the expressions of one task see. Locals live in it, as they may use args and self.
type scope struct {
	*evaluation
	// task is the task's name, empty outside of tasks.
	task  string
	words []string
	// inst is the run of a task whose expressions these are; empty outside of tasks.
	inst *instance
	// results are what dependencies gave; a task that is missing here has not run yet.
	results Results
	// locals holds those that were needed so far; one without a usable value is cty.NilVal.
	locals map[*local]cty.Value
	// own are the functions of each module's own.
	own map[*module]map[string]function.Function
}

func (e *evaluation) scope(task string, words []string, results Results) *scope {
	return &scope{evaluation: e, task: task, words: words, inst: &instance{}, results: results, locals: map[*local]cty.Value{}, own: map[*module]map[string]function.Function{}}
}

// scopeOf is what the expressions of one run of a task see.
func (e *evaluation) scopeOf(i *instance, results Results) *scope {
	s := e.scope(i.block.name, i.rest, results)
	s.inst = i
	return s
}

// value evaluates an expression for use. It is not ok when something is wrong, which is reported.
func (s *scope) value(e expression) (cty.Value, bool) {
	v, ok := s.marked(e)
	return s.concealed.reveal(v), ok
}

// named evaluates an attribute whose value becomes a name. That stands where nothing masks it, so that a sensitive one is
// refused.
func (s *scope) named(a *attr) (cty.Value, bool) {
	v, ok := s.marked(a.expression)
	if !ok || !v.ContainsMarked() {
		return v, ok
	}
	_, sensitive := v.UnmarkDeepWithPaths()
	for _, part := range sensitive {
		s.report(problem(narrow(a.expr, part.Path, false), fmt.Sprintf("sensitive value of %s", a.name),
			"It would be part of the name %s, which cannot be masked. Where it may be shown, write nonsensitive(…).", a.attribute.named))
	}
	return cty.NilVal, false
}

// told evaluates a text that is for people to read. It is no secret as a whole: what it quotes is masked where it is shown.
func (s *scope) told(e expression) (cty.Value, bool) {
	v, ok := s.marked(e)
	if !ok {
		return v, false
	}
	plain, _ := v.UnmarkDeep()
	return plain, true
}

// marked evaluates an expression, and first what it refers to. What is made of sensitive values bears their mark.
func (s *scope) marked(e expression) (cty.Value, bool) {
	v, diags, ok := s.evaluate(e, nil)
	for _, d := range diags {
		s.report(d)
	}
	if !ok || diags.HasErrors() {
		return cty.NilVal, false
	}
	return v, true
}

// evaluate evaluates an expression that sees some names besides. It is not ok where something that it refers to has no
// value, which is reported.
func (s *scope) evaluate(e expression, besides map[string]cty.Value) (cty.Value, hcl.Diagnostics, bool) {
	members := map[refKind]map[string]cty.Value{}
	complete := true
	for _, ref := range e.refs {
		if ref.kind == refFunction {
			continue
		}
		v, ok := s.reference(ref, e.origin)
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
	builtin := &hcl.EvalContext{Functions: s.functionsIn(e.dir)}
	ctx := builtin.NewChild()
	ctx.Variables, ctx.Functions = map[string]cty.Value{}, s.callables(e.mod)
	for kind, values := range members {
		if kind == refArgs {
			ctx.Variables[string(kind)] = values[""]
			continue
		}
		ctx.Variables[string(kind)] = cty.ObjectVal(values)
	}
	for name, v := range besides {
		ctx.Variables[name] = v
	}
	v, diags := e.expr.Value(ctx)
	told := explained(diags)
	if len(told) < len(diags) && !told.HasErrors() {
		return cty.NilVal, nil, false
	}
	return v, told, true
}

// reference gives the value behind a name: that of the second step, or of the root where there is none.
func (s *scope) reference(ref reference, from origin) (cty.Value, bool) {
	switch ref.kind {
	case refVar:
		v := s.variable(ref.mod.variableByName[ref.name], ref.rng)
		return v, v != cty.NilVal
	case refLocal:
		return s.local(ref.local())
	case refTask:
		return s.taskResult(ref)
	case refArgs:
		if s.inst.late != nil {
			return cty.UnknownVal(cty.List(cty.String)).RefineNotNull(), true
		}
		return textList(s.words), true
	case refArg:
		return s.ofRun(ref, s.inst.args)
	case refFlag:
		return s.ofRun(ref, s.inst.flags)
	case refMatrix:
		return s.ofRun(ref, s.inst.matrix)
	case refResult:
		return s.ofRun(ref, s.ending())
	case refSelf:
		return cty.StringVal(s.task), true
	case refPath:
		return cty.StringVal(map[string]string{"root": s.in.Root, "module": from.dir, "cwd": s.in.Cwd}[ref.name]), true
	case refPlatform:
		return cty.StringVal(map[string]string{"os": s.in.OS, "arch": s.in.Arch}[ref.name]), true
	case refService:
		return s.service(ref, s.home(from))
	case refProject:
		project, ok := s.loadProject(s.home(from), ref.rng)
		if !ok {
			return cty.NilVal, false
		}
		return cty.StringVal(project.Name()), true
	}
	panic(fmt.Sprintf("reference of kind %q", ref.kind))
}

// home is the compose project that an expression means: in a task always the task's, wherever the expression is written.
func (s *scope) home(from origin) string {
	if s.inst.block != nil {
		return s.inst.block.mod.home()
	}
	return from.mod.home()
}

func (s *scope) local(l *local) (cty.Value, bool) {
	if v, known := s.locals[l]; known {
		return v, v != cty.NilVal
	}
	v, ok := s.marked(l.expression)
	s.locals[l] = v
	return v, ok
}

// ofRun gives a value that the run itself has: of its words, or of its combination.
func (s *scope) ofRun(ref reference, values map[string]cty.Value) (cty.Value, bool) {
	v, known := values[ref.name]
	if !known {
		keys := slices.Collect(maps.Keys(values))
		s.report(problem(ref.rng, fmt.Sprintf("unknown name %q", ref), "There is no %q in %s.%s", ref.name, ref.kind, didYouMean(ref.name, keys)))
	}
	return v, known
}

// taskResult is what a run of another task gave: nothing before it has run, null where it will not.
func (s *scope) taskResult(ref reference) (cty.Value, bool) {
	runs := s.runsOf(call{block: s.file.taskByName[ref.task()], combination: combinationOf(ref.name), from: s.asking(), at: ref.rng})
	if len(runs) == 0 {
		return cty.NilVal, false
	}
	if s.disabled(runs[0]) {
		return resultValue(cty.NullVal(cty.String), cty.NullVal(cty.Number)), true
	}
	return s.result(runs[0].name), true
}

// asking is the run whose expressions these are; nil: they are of none.
func (s *scope) asking() *instance {
	if s.inst.under.policy == "" {
		return nil
	}
	return s.inst
}

// result is what is known of a task: nothing, before it has run.
func (s *scope) result(name string) cty.Value {
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

func textList(words []string) cty.Value {
	if len(words) == 0 {
		return cty.ListValEmpty(cty.String)
	}
	values := make([]cty.Value, len(words))
	for i, word := range words {
		values[i] = cty.StringVal(word)
	}
	return cty.ListVal(values)
}
