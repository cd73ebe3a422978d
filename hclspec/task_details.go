package hclspec

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
)

// TaskDetails describes a task with the values that are known before a run.
type TaskDetails struct {
	TaskSummary
	// Task is evaluated without words: parameters have their defaults, and required ones a placeholder. The results of
	// other tasks appear as the reference in angle brackets.
	// Deferred are the attributes with such results.
	Task     *Task
	Deferred []string
	// Instances are the names of the task runs of a matrix; nil without a matrix.
	Instances []string
	// HasOpenService reports a service that depends on a required argument.
	HasOpenService bool
	// UsageLine is the call of the task, Arguments its parameters.
	UsageLine string
	Arguments *TaskUsage
	// Env are the entries of the task's own environment, sorted by name.
	Env []EnvEntry
	// Secrets must be masked in all output.
	Secrets Secrets
}

// EnvEntry is a name of a task's environment, with the winning attribute.
type EnvEntry struct {
	Name string
	// Value is nil for an unset name.
	Value *string
	// Attr is env, env_files, pass_env or shards.
	Attr string
	// File is the absolute path of the dotenv file, for env_files.
	File string
	// Range is the place of the entry, or of the attribute.
	Range hcl.Range
	// IsSensitive reports a sensitive variable in the value, IsDeferred a result of another task.
	IsSensitive, IsDeferred bool
}

// Show evaluates a task for people to read. Nothing is run.
func (f *File) Show(in Inputs, name string) (*TaskDetails, hcl.Diagnostics) {
	e := newEvaluation(f.config, in)
	e.addInvocations([]Target{{Name: name, IsPreview: true}})
	if f.config.Diags.HasErrors() {
		return nil, evaluateUnaffected(e)
	}
	spec, diags := evaluateInvocations(e)
	if diags.HasErrors() {
		return nil, diags
	}
	t := f.config.FindTask(config.DeclaredName(name))
	i := slices.IndexFunc(f.config.Tasks, func(other *config.Task) bool { return other == t })
	s := &TaskDetails{TaskSummary: f.TaskSummaries()[i], Task: spec.Tasks[spec.Targets[0]],
		UsageLine: usageSummary(f.config, t), Arguments: f.TaskUsage(name), Secrets: spec.Secrets}
	for _, suffix := range f.MatrixSuffixes(in, name) {
		s.Instances = append(s.Instances, t.Name+suffix)
	}
	s.Deferred = s.Task.Deferred
	results, run := placeholderResults(spec, ""), s.Task.run
	s.HasOpenService = s.Task.Kind == ServiceTask && s.Task.Service == ""
	s.Task = withOpenService(f.config, t, preview{f.config, run}.evaluate(e, s.Task, results))
	s.Env = environmentEntries(in, preview{f.config, run}, results, placeholderResults(spec, "~"))
	return s, diags
}

// withOpenService shows the expression of a service that depends on a required argument.
func withOpenService(f *config.File, t *config.Task, task *Task) *Task {
	shown := *task
	if a := t.Attrs["service"]; a != nil && task.Kind == ServiceTask && task.Service == "" {
		shown.Service = "<" + f.SourceText(a) + ">"
	}
	return &shown
}

// Combination returns the matrix cell of the shown run: the first cell, or the cell of the target. Empty without a
// matrix.
func (s *TaskDetails) Combination() string {
	combination, _, _ := strings.Cut(config.CombinationOf(s.Task.Name), "(")
	return strings.TrimSuffix(combination, " "+s.Task.Shard.String())
}

// placeholderResults returns results with their references as text.
func placeholderResults(spec *Spec, mark string) RunResults {
	results := RunResults{Tasks: map[string]TaskResult{}, Ports: map[string]map[string]string{}}
	for name, task := range spec.Tasks {
		for _, port := range task.HostPorts {
			if results.Ports[port.Service] == nil {
				results.Ports[port.Service] = map[string]string{}
			}
			results.Ports[port.Service][port.Port] = "<" + port.String() + mark + ">"
		}
		ref := config.Reference{Kind: config.RefTask, Name: name, Attr: "stdout"}
		results.Tasks[name] = TaskResult{Stdout: "<" + ref.String() + mark + ">", ExitCode: len(mark)}
	}
	results.Tasks[unknownPrecedingRun] = TaskResult{Reason: EndReason("<" + config.Reference{Kind: config.RefResult,
		Name: "reason"}.String() + mark + ">"), ExitCode: len(mark)}
	return results
}

// usageSummary returns the call of a task.
func usageSummary(f *config.File, t *config.Task) string {
	usage := usageLine(t)
	if t.HasDeclaredParams() && f.TakesArgs(t) {
		return usage + " [-- ARGS…]"
	}
	if f.TakesArgs(t) {
		usage += " [WORDS…]"
	}
	return usage
}

// environmentEntries finds the attribute behind each name. Each attribute is evaluated alone. A value that changes
// with other results is deferred.
func environmentEntries(in Inputs, p preview, results, other RunResults) []EnvEntry {
	entries, f, t, run := map[string]EnvEntry{}, p.file, p.run.block, *p.run
	run.block = p.block()
	shardEnv := run.shard.env()
	for name, value := range shardEnv {
		entries[name] = EnvEntry{Name: name, Value: value, Attr: "shards", Range: t.Attrs["shards"].Expr.Range()}
	}
	for _, attr := range []string{"pass_env", "env_files", "env"} {
		if t.Attrs[attr] == nil {
			continue
		}
		task, otherwise := evaluateSingleAttribute(f, in, &run, attr, results),
			evaluateSingleAttribute(f, in, &run, attr, other)
		for name, value := range task.Env {
			if own := shardEnv[name]; own != nil && value != nil && *own == *value {
				continue
			}
			e := EnvEntry{Name: name, Value: value, Attr: attr, Range: t.Attrs[attr].Expr.Range()}
			switch attr {
			case "env":
				otherValue := otherwise.Env[name]
				e.IsDeferred = value != nil && (otherValue == nil || *otherValue != *value)
				isRunTime := false
				e.Range, e.IsSensitive, isRunTime = envEntrySource(p, t, name)
				e.IsDeferred = e.IsDeferred || isRunTime
			case "env_files":
				e.File = definingFile(task.EnvFiles, name, in)
			}
			entries[name] = e
		}
	}
	return slices.SortedFunc(maps.Values(entries), func(a, b EnvEntry) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
}

// evaluateSingleAttribute evaluates a task run with a single attribute.
func evaluateSingleAttribute(f *config.File, in Inputs, i *taskRun, name string, results RunResults) *Task {
	t := i.block
	block, n := *t, *t.Block
	n.Attrs, n.Layers = map[string]*config.Attribute{name: t.Attrs[name]}, t.LowerLayers(name)
	n.SingleBlocks, n.RepeatedBlocks = nil, nil
	block.Block, block.DependsOn, block.DependsBlocks, block.Finally = &n, nil, nil, nil
	e := newEvaluation(f, in)
	e.isReadOnly = true
	run := *withResolvedArgs(e, i, results)
	run.block, run.commandLine = &block, commandLine{}
	return e.evaluateTaskWith(&run, results)
}

// definingFile returns the last file with a name.
func definingFile(files []string, name string, in Inputs) string {
	found := ""
	for _, file := range files {
		values := map[string]*string{}
		if err := readEnvFile(file, values, in.Env); err == nil && values[name] != nil {
			found = file
		}
	}
	return found
}

// envEntrySource returns the place of an entry of env, whether the entry uses a sensitive variable, and whether it uses
// results of a run.
func envEntrySource(p preview, t *config.Task, name string) (at hcl.Range, sensitive, isRunTime bool) {
	f, layers := p.file, t.AllLayers("env")
	for _, a := range slices.Backward(layers) {
		item, _ := config.ChildExpression(a.Expr, cty.IndexStep{Key: cty.StringVal(name)})
		if item != nil {
			isRunTime = slices.ContainsFunc(p.openUses(a.Expression, item.Range()), func(use config.ReferenceUse) bool {
				return use.Ref.IsRunTime()
			})
			return item.Range(), usesSensitive(f, a, item), isRunTime
		}
	}
	return t.Attrs["env"].Expr.Range(), usesSensitive(f, t.Attrs["env"], t.Attrs["env"].Expr), false
}

// usesSensitive reports whether a part of an attribute refers to a sensitive variable, direct or through locals.
func usesSensitive(f *config.File, a *config.Attribute, part hclsyntax.Expression) bool {
	partRange := part.Range()
	for use := range f.ReachableReferences(a.Refs) {
		at := use.RangeInExpression()
		if at.Start.Byte < partRange.Start.Byte || at.End.Byte > partRange.End.Byte || use.Ref.Kind != config.RefVar {
			continue
		}
		if v := use.Ref.Module.VariableByName[use.Ref.Name]; v != nil && v.IsSensitive {
			return true
		}
	}
	return false
}
