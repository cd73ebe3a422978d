package hclspec

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/secret"
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
	Secrets secret.Secrets
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
	t := f.findTask(declaredName(name))
	i := slices.IndexFunc(f.tasks, func(other *taskBlock) bool { return other == t })
	s := &TaskDetails{TaskSummary: f.TaskSummaries()[i], Task: spec.Tasks[spec.Targets[0]], UsageLine: f.usageSummary(t), Arguments: f.TaskUsage(name), Secrets: spec.Secrets}
	s.Deferred = s.Task.Deferred
	results, run := placeholderResults(spec, ""), s.Task.run
	if resolved, mistakes := s.Task.Resolve(results); !mistakes.HasErrors() {
		s.Task = f.withDeferredPlaceholders(t, resolved)
	}
	s.Env = f.environmentEntries(in, run, results, placeholderResults(spec, "~"))
	return s, diags
}

// Combination is the one of the task's matrix that is shown: the first, or the one that was asked for. Empty: it has none.
func (s *TaskDetails) Combination() string {
	combination, _, _ := strings.Cut(combinationOf(s.Task.Name), "(")
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
		ref := reference{kind: refTask, name: name, attr: "stdout"}
		results.Tasks[name] = TaskResult{Stdout: "<" + ref.String() + mark + ">", ExitCode: len(mark)}
	}
	results.Tasks[unknownPrecedingRun] = TaskResult{Reason: EndReason("<" + reference{kind: refResult, name: "reason"}.String() + mark + ">"), ExitCode: len(mark)}
	return results
}

// usageSummary is how a task is called.
func (f *File) usageSummary(t *taskBlock) string {
	usage := t.usageLine()
	if t.hasDeclaredParams() && f.takesArgs(t) {
		return usage + " [-- ARGS...]"
	}
	if f.takesArgs(t) {
		usage += " [WORDS...]"
	}
	return usage
}

// environmentEntries finds the attribute behind each name: those of a task that had this attribute alone. What differs with other
// results is known only at run time.
func (f *File) environmentEntries(in Inputs, run *taskRun, results, other RunResults) []EnvEntry {
	entries, t := map[string]EnvEntry{}, run.block
	for _, attr := range []string{"pass_env", "env_files", "env"} {
		if t.attrs[attr] == nil {
			continue
		}
		task, otherwise := f.evaluateSingleAttribute(in, run, attr, results), f.evaluateSingleAttribute(in, run, attr, other)
		for name, value := range task.Env {
			e := EnvEntry{Name: name, Value: value, Attr: attr, Range: t.attrs[attr].expr.Range()}
			switch attr {
			case "env":
				otherValue := otherwise.Env[name]
				e.IsDeferred = value != nil && (otherValue == nil || *otherValue != *value)
				placeholder := ""
				if e.Range, e.IsSensitive, placeholder = f.envEntrySource(t, name); placeholder != "" {
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
func (f *File) evaluateSingleAttribute(in Inputs, i *taskRun, name string, results RunResults) *Task {
	t := i.block
	block, n := *t, *t.decodedBlock
	n.attrs, n.layers = map[string]*decodedAttribute{name: t.attrs[name]}, t.lowerLayers(name)
	n.singleBlocks, n.repeatedBlocks = nil, nil
	block.decodedBlock, block.dependsOn, block.dependsBlocks, block.finally = &n, nil, nil, nil
	e := newEvaluation(f, in)
	e.isReadOnly = true
	run := *e.withResolvedArgs(i, results)
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
func (f *File) envEntrySource(t *taskBlock, name string) (at hcl.Range, sensitive bool, placeholder string) {
	layers := t.allLayers("env")
	for _, a := range slices.Backward(layers) {
		item, _ := childExpression(a.expr, cty.IndexStep{Key: cty.StringVal(name)})
		if item != nil {
			return item.Range(), f.usesSensitive(a, item), f.deferredPlaceholder(a.expression, item)
		}
	}
	return t.attrs["env"].expr.Range(), f.usesSensitive(t.attrs["env"], t.attrs["env"].expr), ""
}

// usesSensitive says that an expression inside an attribute refers to a sensitive variable, itself or through locals.
func (f *File) usesSensitive(a *decodedAttribute, part hclsyntax.Expression) bool {
	partRange := part.Range()
	for use := range f.reachableReferences(a.refs) {
		at := use.rangeInExpression()
		if at.Start.Byte < partRange.Start.Byte || at.End.Byte > partRange.End.Byte || use.ref.kind != refVar {
			continue
		}
		if v := use.ref.mod.variableByName[use.ref.name]; v != nil && v.isSensitive {
			return true
		}
	}
	return false
}
