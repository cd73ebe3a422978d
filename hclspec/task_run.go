package hclspec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/arguments"
	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/shellwords"
)

// parsedArgs is what the words behind a task's name say.
type parsedArgs struct {
	args, flags map[string]cty.Value
	// rest is what follows `--`, or all words where the task declares neither arg nor flag: `args`.
	rest []string
}

// taskRun is one run of a task: its block, with one combination of its matrix and with words. The same task with other
// words is another run.
type taskRun struct {
	block *config.Task
	// name tells the runs of a Spec apart: build, build(linux), test@db=16,python=3.12.
	name   string
	matrix map[string]cty.Value
	commandLine
	parsedArgs
	// deferredArgs gives the words once the tasks have run that they come from; nil where they are known.
	deferredArgs *deferredArgs
	// finallyOf is the run that this one follows, whose end result.* tells of; nil: none.
	finallyOf *taskRun
	// policy is the dependency policy of the run, and of those that it reaches and that say none.
	policy effectivePolicy
	// isTarget says that the command line names the task; only, that the tasks of its depends_on are left out.
	isTarget, skipDependencies bool
}

// deferredArgs are the args of a `depends` block that need results, or words that nobody knows.
type deferredArgs struct {
	// caller is the run whose block gives the words; nil where they are left open (see [Target]).
	caller      *taskRun
	args        *config.Attribute
	sourceRange hcl.Range
}

// taskRuns are the runs that an evaluation has come upon, in order, and by what identifies them.
type taskRuns struct {
	queue      []*taskRun
	byIdentity map[string]*taskRun
	// policyByName are those that are taken, with the policy of who has each.
	policyByName map[string]effectivePolicy
	// argsCache are the runs whose words are known, by what identifies them under whichever policy. They have no name.
	argsCache map[string]*taskRun
}

// invocation is one way in which a task is asked for.
type invocation struct {
	block        *config.Task
	combination  string
	commandLine  commandLine
	deferredArgs *deferredArgs
	// finallyOf is the run that the wanted ones follow, from the one that asks for them; nil: it is the command line.
	finallyOf, caller          *taskRun
	isTarget, skipDependencies bool
	// isIsolated puts them under a policy of the command line's: a private project for each.
	isIsolated bool
	// sourceRange is the place that asks, argsRange that of the words; empty on the command line.
	sourceRange, argsRange hcl.Range
}

// runsOf gives the runs that a call means, made where they are new: one, or one of each combination of the task's matrix.
func (e *evaluation) runsOf(c invocation) []*taskRun {
	var runs []*taskRun
	for _, combination := range e.combinations(c) {
		runs = append(runs, e.findOrAddRun(c, combination))
	}
	return runs
}

func (e *evaluation) findOrAddRun(c invocation, combination combination) *taskRun {
	base := c.block.Name
	if combination.text != "" {
		base += "@" + combination.text
	}
	plain, identity := base, base
	if len(c.commandLine.rawArgs) > 0 {
		identity += "\x00" + shellwords.Quote(c.commandLine.rawArgs)
	}
	if c.deferredArgs != nil {
		identity += fmt.Sprintf("\x00late %p %s", c.deferredArgs.caller, diag.PosText(c.deferredArgs.sourceRange))
	}
	if c.finallyOf != nil {
		identity += "\x00after " + c.finallyOf.name
	}
	i := *e.runWithArgs(c, combination, identity)
	i.policy = e.effectivePolicy(c, &i)
	key := i.policy.identityKey()
	if known := e.runs.byIdentity[identity+key]; known != nil {
		return known
	}
	i.isTarget, i.skipDependencies, i.name = c.isTarget, c.skipDependencies, e.runName(c, plain, identity != plain, i.policy)
	if i.policy.value == PolicyEphemeral && i.policy.privateProjectRun == "" {
		i.policy.privateProjectRun = i.name
	}
	e.runs.byIdentity[identity+key], e.runs.policyByName[i.name] = &i, i.policy
	if i.name == plain && i.finallyOf == nil {
		// A dependency without words means the run that the command line asks for: one run does a task once.
		e.runs.byIdentity[plain+key] = &i
	}
	e.runs.queue = append(e.runs.queue, &i)
	return &i
}

// heard takes the words of a run apart, once.
func (e *evaluation) runWithArgs(c invocation, combination combination, identity string) *taskRun {
	if known := e.runs.argsCache[identity]; known != nil {
		return known
	}
	i := &taskRun{block: c.block, name: c.block.Name, matrix: combination.values, commandLine: c.commandLine, deferredArgs: c.deferredArgs, finallyOf: c.finallyOf}
	e.runs.argsCache[identity] = i
	parseArgs(e, i, c.commandLine.rawArgs, cmp.Or(c.argsRange, c.sourceRange))
	return i
}

// runName makes the name of a new run: the plain one where it has no words and follows no other run, or where no other run can
// have it.
func (e *evaluation) runName(c invocation, baseName string, hasSuffix bool, policy effectivePolicy) string {
	name := baseName
	switch {
	case hasSuffix && c.finallyOf != nil && c.deferredArgs == nil:
		if c.block.NeedsDistinctName() || e.isNameTaken(baseName) {
			name = fmt.Sprintf("%s(after %s)", baseName, c.finallyOf.name)
		}
	case hasSuffix && (!c.isTarget || c.deferredArgs != nil || e.isNameTaken(baseName)):
		name = fmt.Sprintf("%s(%s)", baseName, e.argsText(c))
	}
	if other, taken := e.runs.policyByName[name]; taken && other.identityKey() != policy.identityKey() {
		name += policy.nameSuffix()
	}
	first := name
	for n := 2; e.isNameTaken(name); n++ {
		name = fmt.Sprintf("%s#%d", first, n)
	}
	return name
}

func (e *evaluation) isNameTaken(name string) bool {
	_, taken := e.runs.policyByName[name]
	return taken
}

// argsText shows the words of a call in a run's name. That is in labels and names of files, too, so that secrets among the
// words are masked.
func (e *evaluation) argsText(c invocation) string {
	if c.deferredArgs == nil {
		return e.secretSet.Secrets().Mask(shellwords.Quote(c.commandLine.rawArgs))
	}
	if c.deferredArgs.args == nil {
		return "…"
	}
	argsSource := e.file.SourceText(c.deferredArgs.args)
	return strings.TrimSuffix(strings.TrimPrefix(argsSource, "["), "]")
}

// parseArgs takes the words of a run apart, or leaves them open.
func parseArgs(e *evaluation, run *taskRun, args []string, at hcl.Range) {
	if run.deferredArgs != nil {
		run.parsedArgs = unknownArgs(run.block)
		return
	}
	parsed, mistake := bindArgs(e, run, args)
	if mistake != nil {
		reportWrongArgs(e, run, mistake, at)
	}
	run.parsedArgs = parsed
}

// reportWrongArgs reports wrong words where they are written, in a file or on the command line.
func reportWrongArgs(e *evaluation, run *taskRun, mistake *hcl.Diagnostic, at hcl.Range) {
	if at.Filename != "" {
		if mistake.Subject != nil {
			diag.AppendDetail(mistake, diag.Textf(" It stands at %s.", diag.Place(*mistake.Subject)))
		}
		mistake.Subject = &at
	}
	e.report(mistake)
}

// unknownArgs stand for words that are not known yet.
func unknownArgs(t *config.Task) parsedArgs {
	s := parsedArgs{args: map[string]cty.Value{}, flags: map[string]cty.Value{}}
	for _, p := range t.Args {
		s.args[p.Name] = cty.UnknownVal(p.ValueType())
	}
	for _, p := range t.Flags {
		s.flags[p.Name] = cty.UnknownVal(p.ValueType())
	}
	return s
}

// placeholderArgs show what open words stand for, where their type allows it: nobody runs anything with them.
func placeholderArgs(t *config.Task) parsedArgs {
	s := unknownArgs(t)
	for _, p := range t.Args {
		s.args[p.Name] = paramPlaceholder(p, "arg")
	}
	for _, p := range t.Flags {
		s.flags[p.Name] = paramPlaceholder(p, "flag")
	}
	return s
}

func paramPlaceholder(p *config.Param, kind string) cty.Value {
	text := cty.StringVal("<" + config.MemberAccess(kind, p.Name) + ">")
	switch want := p.ValueType(); {
	case want == cty.String:
		return text
	case want == cty.Bool:
		return cty.False
	case want == cty.Number:
		return cty.Zero
	case want.Equals(cty.List(cty.String)):
		return cty.ListVal([]cty.Value{text})
	default:
		return cty.NullVal(want)
	}
}

// bindArgs gives the values that words have for a run.
func bindArgs(e *evaluation, run *taskRun, args []string) (parsedArgs, *hcl.Diagnostic) {
	t := run.block
	parsed := unknownArgs(t)
	if !t.HasDeclaredParams() {
		if len(args) > 0 && args[0] == "--" {
			args = args[1:]
		}
		parsed.rest = args
	} else if d := bindDeclared(e, run, args, &parsed); d != nil {
		return parsed, d
	}
	if len(parsed.rest) > 0 && !e.file.TakesArgs(t) {
		return parsed, unexpectedArgsError(e, t, parsed.rest)
	}
	return parsed, nil
}

func bindDeclared(e *evaluation, run *taskRun, args []string, parsed *parsedArgs) *hcl.Diagnostic {
	t := run.block
	wrong := func(err error) *hcl.Diagnostic {
		return diag.Error(fmt.Sprintf("wrong words for task %q", t.Name), "%s\nUsage: %s", diag.SentenceOf(err), usageLine(t))
	}
	r, err := arguments.Parse(t, args)
	if err != nil {
		d := wrong(err)
		if len(r.Positional) > len(t.Args) && e.file.FindTask(r.Positional[len(t.Args)]) != nil {
			diag.AppendDetail(d, diag.Textf("\n%s", suggestSequence(t, r.Positional[len(t.Args):])))
		}
		return d
	}
	parsed.rest = r.Rest
	for _, p := range slices.Concat(t.Args, t.Flags) {
		v, err := paramValue(e, run, p, r.Values[p])
		if err != nil {
			return wrong(err)
		}
		if p.IsFlag {
			parsed.flags[p.Name] = v
		} else {
			parsed.args[p.Name] = v
		}
	}
	run.parsedArgs = *parsed
	return checkArgValidations(e, run)
}

// paramValue is what was said, else what the environment says, else the default.
func paramValue(e *evaluation, run *taskRun, p *config.Param, texts []string) (cty.Value, error) {
	v, err := cty.NilVal, error(nil)
	fromEnv, set := "", false
	if p.Env != "" {
		fromEnv, set = e.in.Env(p.Env)
	}
	switch {
	case texts != nil:
		v, err = arguments.ParamValue(p, texts)
	case set:
		if v, err = arguments.ParseText(p, fromEnv, p.ValueType()); err != nil {
			err = fmt.Errorf("%s (from the environment's %s)", err, p.Env)
		}
	case p.DefaultAttr != nil:
		return paramDefault(e, run, p), nil
	case p.IsRequired():
		return v, fmt.Errorf("%s is missing", p.DisplayName())
	case p.Type == cty.Bool:
		return cty.False, nil
	default:
		return cty.NullVal(p.ValueType()), nil
	}
	if err == nil {
		err = arguments.CheckEnum(p, v)
	}
	return v, err
}

// paramDefault evaluates a default. What is wrong with it is a mistake of the file.
func paramDefault(e *evaluation, run *taskRun, p *config.Param) cty.Value {
	unknown := cty.UnknownVal(p.ValueType())
	v, ok := e.scopeOf(&taskRun{block: run.block, name: run.name, matrix: run.matrix}, RunResults{}).value(p.DefaultAttr.Expression)
	if !ok {
		return unknown
	}
	v, err := ctyconv.ConvertTo(v, p.ValueType())
	if err == nil {
		err = arguments.CheckEnum(p, v)
	}
	if err != nil {
		e.report(diag.ErrorAt(p.DefaultAttr.Expr.Range(), fmt.Sprintf("wrong default of %s", p.DisplayName()), "%s", diag.SentenceOf(err)))
		return unknown
	}
	return v
}

// suggestSequence suggests that a word is the name of the next target.
func suggestSequence(t *config.Task, args []string) diag.Text {
	return diag.Suggest("Did you mean `%s`?", fmt.Sprintf("tasks run %s ::: %s", t.Name, shellwords.Quote(args)))
}

// checkArgValidations checks what the blocks of a task say of its words. The first that is not met is told.
func checkArgValidations(e *evaluation, run *taskRun) *hcl.Diagnostic {
	s := e.scopeOf(run, RunResults{})
	for _, p := range slices.Concat(run.block.Args, run.block.Flags) {
		for _, v := range p.BlocksOfType("validation") {
			if met, message := evaluateCondition(s, v); !met {
				return diag.Error(fmt.Sprintf("wrong words for task %q", run.block.Name), "%s: %s\nThe condition stands at %s.",
					diag.UpperFirst(p.DisplayName()), message, diag.Place(v.HeaderRange))
			}
		}
	}
	return nil
}
