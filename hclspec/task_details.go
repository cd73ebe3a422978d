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

// TaskDetails is a task as far as it can be known before a run.
type TaskDetails struct {
	TaskSummary
	// Task is evaluated as if it were asked for without words. The results of other tasks stand in it as the text of the
	// reference, in angle brackets; IsDeferred are the attributes that wait for them.
	Task     *Task
	Deferred []string
	// Usage is how it is called, Words what it declares for that.
	UsageLine string
	Arguments *TaskUsage
	// Env are the entries of its environment that it sets itself, sorted by name.
	Env []EnvEntry
	// Secrets are to be masked in all that is shown.
	Secrets Secrets
}

// EnvEntry is one name of a task's environment, with the attribute that has the last word on it.
type EnvEntry struct {
	Name string
	// Value is nil where the name is unset.
	Value *string
	// Attr is env, env_files or pass_env.
	Attr string
	// File is the dotenv file, absolute, for env_files.
	File string
	// Range is where the entry is written, else the attribute.
	Range hcl.Range
	// IsSensitive says that a sensitive variable is in it, IsDeferred that the result of another task is.
	IsSensitive, IsDeferred bool
}

// Show evaluates a task for people to read. Nothing is run.
func (f *File) Show(in Inputs, name string) (*TaskDetails, hcl.Diagnostics) {
	spec, diags := f.Evaluate(in, []Target{{Name: name, HasUnknownArgs: true}})
	if diags.HasErrors() {
		return nil, diags
	}
	t := f.config.FindTask(config.DeclaredName(name))
	i := slices.IndexFunc(f.config.Tasks, func(other *config.Task) bool { return other == t })
	s := &TaskDetails{TaskSummary: f.TaskSummaries()[i], Task: spec.Tasks[spec.Targets[0]], UsageLine: usageSummary(f.config, t), Arguments: f.TaskUsage(name), Secrets: spec.Secrets}
	s.Deferred = s.Task.Deferred
	results, run := placeholderResults(spec, ""), s.Task.run
	if resolved, mistakes := s.Task.Resolve(results); !mistakes.HasErrors() {
		s.Task = withDeferredPlaceholders(f.config, t, resolved)
	}
	s.Env = environmentEntries(f.config, in, run, results, placeholderResults(spec, "~"))
	return s, diags
}

// Combination is the one of the task's matrix that is shown: the first, or the one that was asked for. Empty: it has none.
func (s *TaskDetails) Combination() string {
	combination, _, _ := strings.Cut(config.CombinationOf(s.Task.Name), "(")
	return combination
}

// placeholderResults are results that show what they stand for.
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
	results.Tasks[unknownPrecedingRun] = TaskResult{Reason: EndReason("<" + config.Reference{Kind: config.RefResult, Name: "reason"}.String() + mark + ">"), ExitCode: len(mark)}
	return results
}

// usageSummary is how a task is called.
func usageSummary(f *config.File, t *config.Task) string {
	usage := usageLine(t)
	if t.HasDeclaredParams() && f.TakesArgs(t) {
		return usage + " [-- ARGS...]"
	}
	if f.TakesArgs(t) {
		usage += " [WORDS...]"
	}
	return usage
}

// environmentEntries finds the attribute behind each name: those of a task that had this attribute alone. What differs with other
// results is known only at run time.
func environmentEntries(f *config.File, in Inputs, run *taskRun, results, other RunResults) []EnvEntry {
	entries, t := map[string]EnvEntry{}, run.block
	for _, attr := range []string{"pass_env", "env_files", "env"} {
		if t.Attrs[attr] == nil {
			continue
		}
		task, otherwise := evaluateSingleAttribute(f, in, run, attr, results), evaluateSingleAttribute(f, in, run, attr, other)
		for name, value := range task.Env {
			e := EnvEntry{Name: name, Value: value, Attr: attr, Range: t.Attrs[attr].Expr.Range()}
			switch attr {
			case "env":
				otherValue := otherwise.Env[name]
				e.IsDeferred = value != nil && (otherValue == nil || *otherValue != *value)
				placeholder := ""
				if e.Range, e.IsSensitive, placeholder = envEntrySource(f, t, name); placeholder != "" {
					e.Value, e.IsDeferred = &placeholder, true
				}
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

// only evaluates a run of a task as if it had one attribute alone.
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

// definingFile is the last of the files that has a name.
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

// envEntrySource is where an entry of env is written, whether a sensitive variable stands there, and what stands for a value that is computed
// with results of the run.
func envEntrySource(f *config.File, t *config.Task, name string) (at hcl.Range, sensitive bool, placeholder string) {
	layers := t.AllLayers("env")
	for _, a := range slices.Backward(layers) {
		item, _ := config.ChildExpression(a.Expr, cty.IndexStep{Key: cty.StringVal(name)})
		if item != nil {
			return item.Range(), usesSensitive(f, a, item), deferredPlaceholder(f, a.Expression, item)
		}
	}
	return t.Attrs["env"].Expr.Range(), usesSensitive(f, t.Attrs["env"], t.Attrs["env"].Expr), ""
}

// usesSensitive says that an expression inside an attribute refers to a sensitive variable, itself or through locals.
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
