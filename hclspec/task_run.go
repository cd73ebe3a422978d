package hclspec

import (
	"cmp"
	"fmt"
	"maps"
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

// parsedArgs are the values of the words behind a task's name.
type parsedArgs struct {
	args, flags map[string]cty.Value
	// rest are the words behind `--`. For a task without arg and flag blocks, rest are all words: `args`.
	rest []string
}

// taskRun is a run of a task: its block with a matrix cell and words. The same task with other words is another
// run.
type taskRun struct {
	block *config.Task
	// name is unique among the runs of a Spec: build, build(linux), test@db=16,python=3.12.
	name   string
	matrix map[string]cty.Value
	shard  Shard
	commandLine
	parsedArgs
	// deferredArgs gives the words after the run of other tasks. nil: the words are known.
	deferredArgs *deferredArgs
	// finallyOf is the run before this finally run, with the values of result.*; or nil.
	finallyOf *taskRun
	// policy is the dependency policy of the run, inherited by its dependencies.
	policy effectivePolicy
	// overlayKey is the overlay of the task as a part of its scope, after [scope.evaluateOverlay].
	overlayKey string
	// isTarget marks a task on the command line. skipDependencies leaves out the tasks of its depends_on. isPreview
	// marks a run for people to read.
	isTarget, skipDependencies, isPreview bool
}

// deferredArgs are the args of a `depends` block that need results, or open words.
type deferredArgs struct {
	// caller is the run with the depends block. nil: the words are open (see [Target]).
	caller      *taskRun
	args        *config.Attribute
	sourceRange hcl.Range
}

// taskRuns are the known runs in order, and by identity.
type taskRuns struct {
	queue      []*taskRun
	byIdentity map[string]*taskRun
	// policyByName holds the used names, with the policies of their runs.
	policyByName map[string]effectivePolicy
	// argsCache holds runs with parsed words, by identity without the policy. These runs have no names.
	argsCache map[string]*taskRun
}

// invocation is a request for a task.
type invocation struct {
	block        *config.Task
	combination  string
	commandLine  commandLine
	deferredArgs *deferredArgs
	// finallyOf is the run before the requested finally runs. caller is the requesting run; nil for the command
	// line.
	finallyOf, caller          *taskRun
	isTarget, skipDependencies bool
	// isPreview gives the parameters their defaults. Only required parameters stay open.
	isPreview bool
	// isIsolated gives each run a private project, for a flag of the command line.
	isIsolated bool
	// sourceRange is the place of the request, argsRange the place of the words. Both are empty on the command
	// line.
	sourceRange, argsRange hcl.Range
}

// runsOf returns the runs of an invocation, and makes new runs. There is one run, or a run for each matrix cell and
// shard.
func (e *evaluation) runsOf(c invocation) []*taskRun {
	var runs []*taskRun
	for _, cell := range e.combinations(c) {
		for _, shard := range shardsOf(e, c.block, cell) {
			cell.shard = shard
			runs = append(runs, e.findOrAddRun(c, cell))
		}
	}
	return runs
}

func (e *evaluation) findOrAddRun(c invocation, combination combination) *taskRun {
	base := c.block.Name
	if combination.text != "" {
		base += "@" + combination.text
	}
	if combination.shard.Count > 0 {
		base += " " + combination.shard.String()
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
	i.isTarget, i.skipDependencies, i.name = c.isTarget, c.skipDependencies,
		e.runName(c, plain, identity != plain, i.policy)
	if i.policy.value == PolicyEphemeral && i.policy.privateProjectRun == "" {
		i.policy.privateProjectRun = i.name
	}
	e.runs.byIdentity[identity+key], e.runs.policyByName[i.name] = &i, i.policy
	if i.name == plain && i.finallyOf == nil {
		// A dependency without words means the target's run: a task is done once in a run.
		e.runs.byIdentity[plain+key] = &i
	}
	e.runs.queue = append(e.runs.queue, &i)
	return &i
}

// runWithArgs parses the words of a run, once.
func (e *evaluation) runWithArgs(c invocation, combination combination, identity string) *taskRun {
	if known := e.runs.argsCache[identity]; known != nil {
		return known
	}
	i := &taskRun{block: c.block, name: c.block.Name, matrix: combination.values, shard: combination.shard,
		commandLine: c.commandLine, deferredArgs: c.deferredArgs, finallyOf: c.finallyOf, isPreview: c.isPreview}
	e.runs.argsCache[identity] = i
	if i.isPreview {
		i.parsedArgs = defaultArgs(e, i)
		return i
	}
	parseArgs(e, i, c.commandLine.rawArgs, cmp.Or(c.argsRange, c.sourceRange))
	return i
}

// runName makes the name of a new run. The plain name is for a run without words that is no finally run, or for a
// name that no other run can have.
func (e *evaluation) runName(c invocation, baseName string, hasSuffix bool, policy effectivePolicy) string {
	name := baseName
	switch {
	case hasSuffix && c.finallyOf != nil && c.deferredArgs == nil:
		if c.block.NeedsDistinctName() || e.isNameTaken(baseName) {
			name = fmt.Sprintf("%s(after %s)", baseName, c.finallyOf.name)
		}
	case hasSuffix && !c.isPreview && (!c.isTarget || c.deferredArgs != nil || e.isNameTaken(baseName)):
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

// argsText shows the words in a run's name. The name is also in labels and file names, so secrets are masked.
func (e *evaluation) argsText(c invocation) string {
	if c.deferredArgs == nil {
		return e.secretSet.Secrets().Mask(shellwords.Quote(c.commandLine.rawArgs))
	}
	if c.deferredArgs.args == nil {
		return "…"
	}
	argsSource := e.secretSet.Secrets().Mask(e.file.SourceText(c.deferredArgs.args))
	return strings.TrimSuffix(strings.TrimPrefix(argsSource, "["), "]")
}

// parseArgs parses the words of a run, or leaves them open.
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

// reportWrongArgs reports wrong words at their place, in a file or on the command line.
func reportWrongArgs(e *evaluation, run *taskRun, mistake *hcl.Diagnostic, at hcl.Range) {
	if at.Filename != "" {
		if mistake.Subject != nil {
			diag.AppendDetail(mistake, diag.Textf(" It stands at %s.", diag.Place(*mistake.Subject)))
		}
		mistake.Subject = &at
	}
	e.report(mistake)
}

// unknownArgs returns unknown values for all parameters.
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

// defaultArgs returns the values of a run without words. Required parameters are unknown.
func defaultArgs(e *evaluation, run *taskRun) parsedArgs {
	s := unknownArgs(run.block)
	for _, p := range slices.Concat(run.block.Args, run.block.Flags) {
		v, err := paramValue(e, run, p, nil)
		switch {
		case err != nil: // there is no value without words
		case p.IsFlag:
			s.flags[p.Name] = v
		default:
			s.args[p.Name] = v
		}
	}
	return s
}

// placeholderArgs returns placeholders for open words, if the type allows a placeholder. No command runs with
// these values.
func placeholderArgs(run *taskRun) parsedArgs {
	s := parsedArgs{args: maps.Clone(run.args), flags: maps.Clone(run.flags)}
	for _, p := range run.block.Args {
		if !s.args[p.Name].IsKnown() {
			s.args[p.Name] = paramPlaceholder(p, "arg")
		}
	}
	for _, p := range run.block.Flags {
		if !s.flags[p.Name].IsKnown() {
			s.flags[p.Name] = paramPlaceholder(p, "flag")
		}
	}
	return s
}

// paramPlaceholder returns a text, whatever the type of the parameter: a number or bool would look like a value.
func paramPlaceholder(p *config.Param, kind string) cty.Value {
	text := cty.StringVal("<" + config.MemberAccess(kind, p.Name) + ">")
	switch want := p.ValueType(); {
	case want.IsPrimitiveType():
		return text
	case ctyconv.IsSequence(want):
		return cty.ListVal([]cty.Value{text})
	default:
		return cty.NullVal(want)
	}
}

// bindArgs assigns words to the parameters of a run.
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
		summary := fmt.Sprintf("invalid arguments for task %q", t.Name)
		return diag.Error(summary, "%s\nUsage: %s", diag.SentenceOf(err), usageLine(t))
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

// paramValue returns the value from the words, from the environment, or the default.
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

// paramDefault evaluates a default. A mistake is a mistake of the file.
func paramDefault(e *evaluation, run *taskRun, p *config.Param) cty.Value {
	unknown := cty.UnknownVal(p.ValueType())
	v, ok := e.scopeOf(&taskRun{block: run.block, name: run.name, matrix: run.matrix, shard: run.shard},
		RunResults{}).value(p.DefaultAttr.Expression)
	if !ok {
		return unknown
	}
	v, err := ctyconv.ConvertTo(v, p.ValueType())
	if err == nil {
		err = arguments.CheckEnum(p, v)
	}
	if err != nil {
		e.report(diag.ErrorAt(p.DefaultAttr.Expr.Range(), fmt.Sprintf("invalid default of %s", p.DisplayName()), "%s",
			diag.SentenceOf(err)))
		return unknown
	}
	return v
}

// suggestSequence suggests that a word is the name of the next target.
func suggestSequence(t *config.Task, args []string) diag.Text {
	return diag.Suggest("Did you mean `%s`?", fmt.Sprintf("tasks run %s ::: %s", t.Name, shellwords.Quote(args)))
}

// checkArgValidations checks the words by the validation blocks of a task, and returns the first failure.
func checkArgValidations(e *evaluation, run *taskRun) *hcl.Diagnostic {
	s := e.scopeOf(run, RunResults{})
	for _, p := range slices.Concat(run.block.Args, run.block.Flags) {
		for _, v := range p.BlocksOfType("validation") {
			if met, message := evaluateCondition(s, v); !met {
				return diag.Error(fmt.Sprintf("invalid arguments for task %q", run.block.Name), "%s: %s (validation at %s)",
					diag.UpperFirst(p.DisplayName()), message, diag.Place(v.HeaderRange))
			}
		}
	}
	return nil
}
