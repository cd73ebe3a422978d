package hclspec

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Shown is a task as far as it can be known before a run.
type Shown struct {
	Outline
	// Task is evaluated as if it were asked for without words. The results of other tasks stand in it as the text of the
	// reference, in angle brackets; RunTime are the attributes that wait for them.
	Task    *Task
	RunTime []string
	// Usage is how it is called, Words what it declares for that.
	Usage string
	Words *Usage
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
	// Sensitive says that a sensitive variable is in it, RunTime that the result of another task is.
	Sensitive, RunTime bool
}

// Show evaluates a task for people to read. Nothing is run.
func (f *File) Show(in Inputs, name string) (*Shown, hcl.Diagnostics) {
	spec, diags := f.Evaluate(in, []Target{{Name: name, AnyWords: true}})
	if diags.HasErrors() {
		return nil, diags
	}
	t := f.taskNamed(blockName(name))
	i := slices.IndexFunc(f.tasks, func(other *taskBlock) bool { return other == t })
	s := &Shown{Outline: f.Outlines()[i], Task: spec.Tasks[spec.Wanted[0]], Usage: f.usage(t), Words: f.Usage(name), Secrets: spec.Secrets}
	s.RunTime = s.Task.Deferred
	results, run := placeholders(spec, ""), s.Task.run
	if resolved, mistakes := s.Task.Resolve(results); !mistakes.HasErrors() {
		s.Task = f.showComputed(t, resolved)
	}
	s.Env = f.environment(in, run, results, placeholders(spec, "~"))
	return s, diags
}

// Combination is the one of the task's matrix that is shown: the first, or the one that was asked for. Empty: it has none.
func (s *Shown) Combination() string {
	combination, _, _ := strings.Cut(combinationOf(s.Task.Name), "(")
	return combination
}

// placeholders are results that show what they stand for.
func placeholders(spec *Spec, mark string) Results {
	results := Results{Tasks: map[string]Result{}, Ports: map[string]map[string]string{}}
	for name, task := range spec.Tasks {
		for _, port := range task.HostPorts {
			if results.Ports[port.Service] == nil {
				results.Ports[port.Service] = map[string]string{}
			}
			results.Ports[port.Service][port.Port] = "<" + port.String() + mark + ">"
		}
		ref := reference{kind: refTask, name: name, attr: "stdout"}
		results.Tasks[name] = Result{Stdout: "<" + ref.String() + mark + ">", ExitCode: len(mark)}
	}
	results.Tasks[openEnd] = Result{Reason: Reason("<" + reference{kind: refResult, name: "reason"}.String() + mark + ">"), ExitCode: len(mark)}
	return results
}

// usage is how a task is called.
func (f *File) usage(t *taskBlock) string {
	usage := t.usageLine()
	if t.declares() && f.takesWords(t) {
		return usage + " [-- ARGS...]"
	}
	if f.takesWords(t) {
		usage += " [WORDS...]"
	}
	return usage
}

// environment finds the attribute behind each name: those of a task that had this attribute alone. What differs with other
// results is known only at run time.
func (f *File) environment(in Inputs, i *instance, results, other Results) []EnvEntry {
	entries, t := map[string]EnvEntry{}, i.block
	for _, attr := range []string{"pass_env", "env_files", "env"} {
		if t.attrs[attr] == nil {
			continue
		}
		task, otherwise := f.only(in, i, attr, results), f.only(in, i, attr, other)
		for name, value := range task.Env {
			e := EnvEntry{Name: name, Value: value, Attr: attr, Range: t.attrs[attr].expr.Range()}
			switch attr {
			case "env":
				again := otherwise.Env[name]
				e.RunTime = value != nil && (again == nil || *again != *value)
				made := ""
				if e.Range, e.Sensitive, made = f.envItem(t, name); made != "" {
					e.Value, e.RunTime = &made, true
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
func (f *File) only(in Inputs, i *instance, name string, results Results) *Task {
	t := i.block
	block, n := *t, *t.node
	n.attrs, n.layers = map[string]*attr{name: t.attrs[name]}, t.layersOf(name)
	n.blocks, n.repeated = nil, nil
	block.node, block.dependsOn, block.dependsWith, block.finally = &n, nil, nil, nil
	e := newEvaluation(f, in)
	e.looking = true
	run := *e.settled(i, results)
	run.block, run.request = &block, request{}
	return e.taskWith(&run, results)
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

// envItem is where an entry of env is written, whether a sensitive variable stands there, and what stands for a value that is computed
// with results of the run.
func (f *File) envItem(t *taskBlock, name string) (at hcl.Range, sensitive bool, made string) {
	layers := t.named("env")
	for _, a := range slices.Backward(layers) {
		item, _ := child(a.expr, cty.IndexStep{Key: cty.StringVal(name)})
		if item != nil {
			return item.Range(), f.isSensitive(a, item), f.madeOf(a.expression, item)
		}
	}
	return t.attrs["env"].expr.Range(), f.isSensitive(t.attrs["env"], t.attrs["env"].expr), ""
}

// isSensitive says that an expression inside an attribute refers to a sensitive variable, itself or through locals.
func (f *File) isSensitive(a *attr, part hclsyntax.Expression) bool {
	within := part.Range()
	for use := range f.reach(a.refs) {
		at := use.at()
		if at.Start.Byte < within.Start.Byte || at.End.Byte > within.End.Byte || use.ref.kind != refVar {
			continue
		}
		if v := use.ref.mod.variableByName[use.ref.name]; v != nil && v.sensitive {
			return true
		}
	}
	return false
}
