package view

import (
	"slices"
	"time"

	"tasks/hclspec"
)

// TaskDocument is the document of `tasks show --json`: a task as far as it can be known before a run.
type TaskDocument struct {
	FormatVersion int    `json:"format_version"`
	Name          string `json:"name"`
	// Combination is the one of its matrix that is shown: "db=16,python=3.12".
	Combination string   `json:"combination,omitempty"`
	Description string   `json:"description,omitempty"`
	Group       string   `json:"group,omitempty"`
	Aliases     []string `json:"aliases,omitempty"`
	Hidden      bool     `json:"hidden,omitempty"`
	// Runs is "host", "service", "image" or "group".
	Runs    string `json:"runs"`
	Service string `json:"service,omitempty"`
	// Mode is "exec" for a task that runs in the container of its service that runs.
	Mode  string `json:"mode,omitempty"`
	Image string `json:"image,omitempty"`
	Usage string `json:"usage"`
	// Args and Flags are the words that it declares.
	Args  []Parameter `json:"args,omitempty"`
	Flags []Parameter `json:"flags,omitempty"`
	// Command and Entrypoint are null for the service's or image's own, and empty for none at all.
	Command    []string `json:"command"`
	Entrypoint []string `json:"entrypoint"`
	User       string   `json:"user,omitempty"`
	Workdir    string   `json:"workdir,omitempty"`
	Ports      []string `json:"ports,omitempty"`
	// Volumes are as written; relative paths start at the directory of the task's file.
	Volumes []string          `json:"volumes,omitempty"`
	Labels  map[string]string `json:"labels,omitempty"`
	Detach  bool              `json:"detach,omitempty"`
	NoDeps  bool              `json:"no_deps,omitempty"`
	// Skipped is why the task would not run; empty: it would. Confirm is what is asked before.
	Skipped string `json:"skipped,omitempty"`
	Confirm string `json:"confirm,omitempty"`
	// Timeout is of one attempt, StopGracePeriod between the stop signal and the end; both as "1m30s".
	Timeout         string `json:"timeout,omitempty"`
	StopSignal      string `json:"stop_signal,omitempty"`
	StopGracePeriod string `json:"stop_grace_period,omitempty"`
	// OutputStyle is the task's own.
	OutputStyle string `json:"output_style,omitempty"`
	// DependencyPolicy is its own or its defaults', where it is not "reuse".
	DependencyPolicy string `json:"dependency_policy,omitempty"`
	// Lock is the name that is held, Retry how often it is tried again; nil: not at all.
	Lock  string     `json:"lock,omitempty"`
	Retry *TaskRetry `json:"retry,omitempty"`
	// Environment is sorted by name. It is never nil, nor are the dependencies.
	Environment []Variable       `json:"environment"`
	DependsOn   []TaskDependency `json:"depends_on"`
	// Finally are the tasks that follow it however it ends.
	Finally []string `json:"finally,omitempty"`
	// RunTime are the attributes whose value waits for the results of other tasks.
	RunTime []string `json:"run_time,omitempty"`
	// ComposeRun is the call of Compose, or of the engine's own command, that comes closest; ComposeRunLacks says what it
	// leaves out.
	ComposeRun      string               `json:"compose_run,omitempty"`
	ComposeRunLacks []string             `json:"compose_run_lacks,omitempty"`
	Range           *hclspec.SourceRange `json:"range,omitempty"`
}

// Parameter is a word that a task declares, by an `arg` or `flag` block.
type Parameter struct {
	Name        string `json:"name"`
	Short       string `json:"short,omitempty"`
	Type        string `json:"type"`
	Description string `json:"description,omitempty"`
	// Default is an expression, as it is written.
	Default  string   `json:"default,omitempty"`
	Enum     []string `json:"enum,omitempty"`
	Env      string   `json:"env,omitempty"`
	Required bool     `json:"required,omitempty"`
	Variadic bool     `json:"variadic,omitempty"`
}

func parameters(params []hclspec.ParamUsage) []Parameter {
	var converted []Parameter
	for _, p := range params {
		converted = append(converted, Parameter{
			Name: p.Name, Short: p.Short, Type: p.Type, Description: p.Description, Default: p.Default,
			Enum: p.Enum, Env: p.Env, Required: p.IsRequired, Variadic: p.IsVariadic,
		})
	}
	return converted
}

// TaskRetry is the `retry` block of a task.
type TaskRetry struct {
	Attempts int `json:"attempts"`
	// Delay is the pause before the second attempt, as "1m30s"; each further one is Backoff times as long.
	Delay   string  `json:"delay,omitempty"`
	Backoff float64 `json:"backoff"`
}

// explicitPolicy is empty for a task whose services come and stay as Compose has it.
func explicitPolicy(t *hclspec.Task) string {
	if t.Policy == hclspec.PolicyReuse {
		return ""
	}
	return string(t.Policy)
}

// newTaskRetry is nil for a task that is not tried again.
func newTaskRetry(r hclspec.Retry) *TaskRetry {
	if r.Attempts < 2 {
		return nil
	}
	return &TaskRetry{Attempts: r.Attempts, Delay: durationText(r.Delay), Backoff: r.Backoff}
}

// TaskDependency is a task or a service that comes first.
type TaskDependency struct {
	Task    string `json:"task,omitempty"`
	Service string `json:"service,omitempty"`
	// Condition is what a service is waited for.
	Condition string `json:"condition,omitempty"`
	Reason    string `json:"reason"`
}

// NewTaskDocument makes the document of a task. Variables are those of its compose service, which its own are laid over.
// What is secret is masked.
func NewTaskDocument(s *hclspec.TaskDetails, variables []Variable) TaskDocument {
	t := s.Task
	doc := TaskDocument{
		FormatVersion: FormatVersion, Name: s.Name, Combination: s.Combination(), Description: s.Description, Group: s.Group, Aliases: s.Aliases, Hidden: s.Hidden,
		Runs: s.Kind.String(), Service: t.Service, Image: t.Image, Usage: s.UsageLine,
		Args: parameters(s.Arguments.Args), Flags: parameters(s.Arguments.Flags),
		Command: maskAll(s.Secrets, t.Command), Entrypoint: maskAll(s.Secrets, t.Entrypoint), User: t.User, Workdir: t.Workdir,
		Ports: t.Ports, Labels: map[string]string{}, Detach: t.Detach, NoDeps: t.NoDeps,
		Skipped: s.Secrets.Mask(t.DisabledReason), Confirm: s.Secrets.Mask(t.Confirm),
		Timeout: durationText(t.Timeout), StopSignal: t.StopSignal, StopGracePeriod: durationText(t.StopGracePeriod), OutputStyle: string(t.OutputStyle),
		DependencyPolicy: explicitPolicy(t),
		Lock:             s.Secrets.Mask(t.Lock), Retry: newTaskRetry(t.Retry),
		Environment: mergeEnvironment(variables, s), DependsOn: []TaskDependency{}, RunTime: s.Deferred, Range: hclspec.SourceRangeOf(s.DeclRange),
	}
	if t.IsExec {
		doc.Mode = "exec"
	}
	for _, v := range t.Volumes {
		doc.Volumes = append(doc.Volumes, v.Text)
	}
	for key, value := range t.Labels {
		doc.Labels[key] = s.Secrets.Mask(value)
	}
	for _, d := range t.DependsOn {
		reason := "depends_on"
		if d.IsRunTime {
			reason = "output"
		}
		doc.DependsOn = append(doc.DependsOn, TaskDependency{Task: d.Task, Service: d.Service, Condition: string(d.Condition), Reason: reason})
	}
	for _, d := range t.Finally {
		doc.Finally = append(doc.Finally, d.Task)
	}
	return doc
}

// durationText is a duration as text, empty where there is none.
func durationText(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// maskAll masks each text; nil stays nil.
func maskAll(secrets hclspec.Secrets, texts []string) []string {
	out := slices.Clone(texts)
	for i := range out {
		out[i] = secrets.Mask(out[i])
	}
	return out
}
