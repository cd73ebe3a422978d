package view

import (
	"slices"
	"time"

	"tasks/hclspec"
	"tasks/internal/view/diagnostics"
)

// TaskDocument is the document of `tasks show --json`: everything known about a task before a run.
type TaskDocument struct {
	FormatVersion int    `json:"format_version"`
	Name          string `json:"name"`
	// Combination is the shown combination of the matrix: "db=16,python=3.12".
	Combination string `json:"combination,omitempty"`
	// Instances are the names of all task runs of the matrix.
	Instances []string `json:"instances,omitempty"`
	// Shards is the number of shards of each task run. The first shard is shown.
	Shards      int      `json:"shards,omitempty"`
	Description string   `json:"description,omitempty"`
	Group       string   `json:"group,omitempty"`
	Aliases     []string `json:"aliases,omitempty"`
	Hidden      bool     `json:"hidden,omitempty"`
	// Runs is "host", "service", "job", "image" or "group".
	Runs    string `json:"runs"`
	Service string `json:"service,omitempty"`
	Job     string `json:"job,omitempty"`
	// Schedule are the schedules of the job, as "0 3 * * * (Europe/Berlin)". No command runs them.
	Schedule []string `json:"schedule,omitempty"`
	// Mode is "exec" for a task in the running container of the service.
	Mode  string `json:"mode,omitempty"`
	Image string `json:"image,omitempty"`
	Usage string `json:"usage"`
	// Args and Flags are the declared parameters.
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
	// Skipped is the reason not to run the task; empty: the task runs. Confirm is the question before a run.
	Skipped string `json:"skipped,omitempty"`
	Confirm string `json:"confirm,omitempty"`
	// Timeout limits one attempt, StopGracePeriod the time after the stop signal; both as "1m30s".
	Timeout         string `json:"timeout,omitempty"`
	StopSignal      string `json:"stop_signal,omitempty"`
	StopGracePeriod string `json:"stop_grace_period,omitempty"`
	// OutputStyle is the task's own.
	OutputStyle string `json:"output_style,omitempty"`
	// DependencyPolicy is the policy of the task or the defaults, other than "reuse".
	DependencyPolicy string `json:"dependency_policy,omitempty"`
	// Lock is the name of the lock, Retry the `retry` block; nil: no retry.
	Lock  string     `json:"lock,omitempty"`
	Retry *TaskRetry `json:"retry,omitempty"`
	// Environment is sorted by name. The lists of variables and dependencies are never nil.
	Environment []Variable       `json:"environment"`
	DependsOn   []TaskDependency `json:"depends_on"`
	// Finally are the tasks after the end of the task, with success or failure.
	Finally []string `json:"finally,omitempty"`
	// RunTime are the attributes with deferred values.
	RunTime []string `json:"run_time,omitempty"`
	// ComposeRun is the closest call of Compose, or of the docker command; ComposeRunLacks names the missing parts.
	ComposeRun      string             `json:"compose_run,omitempty"`
	ComposeRunLacks []string           `json:"compose_run_lacks,omitempty"`
	Range           *diagnostics.Range `json:"range,omitempty"`
	// paramsText has the declared parameters for a person.
	paramsText string
}

// runsJob is the place of the command of a job's task.
const runsJob = "job"

// Parameter is an `arg` or `flag` block of a task.
type Parameter struct {
	Name        string `json:"name"`
	Short       string `json:"short,omitempty"`
	Type        string `json:"type"`
	Description string `json:"description,omitempty"`
	// Default is an expression in source form.
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
	// Delay is the pause before the second attempt, as "1m30s". Backoff multiplies each later pause.
	Delay   string  `json:"delay,omitempty"`
	Backoff float64 `json:"backoff"`
}

// explicitPolicy is empty for the default policy.
func explicitPolicy(t *hclspec.Task) string {
	if t.Policy == hclspec.PolicyReuse {
		return ""
	}
	return string(t.Policy)
}

// newTaskRetry is nil for a task without a second attempt.
func newTaskRetry(r hclspec.Retry) *TaskRetry {
	if r.Attempts < 2 {
		return nil
	}
	return &TaskRetry{Attempts: r.Attempts, Delay: goDurationText(r.Delay), Backoff: r.Backoff}
}

// TaskDependency is a task or service before the task.
type TaskDependency struct {
	Task    string `json:"task,omitempty"`
	Service string `json:"service,omitempty"`
	// Condition is the awaited condition of a service.
	Condition string `json:"condition,omitempty"`
	Reason    string `json:"reason"`
	// Position is the place in `steps`, counted from 1.
	Position int `json:"position,omitempty"`
}

// dependencyReason returns the cause of a dependency: depends_on, steps, or the use of an output.
func dependencyReason(d hclspec.Dependency) string {
	switch {
	case d.IsRunTime:
		return "output"
	case d.Position > 0:
		return "steps"
	}
	return "depends_on"
}

// NewTaskDocument makes the document of a task, with secrets masked. variables come from the compose service; variables
// of the task have priority.
func NewTaskDocument(s *hclspec.TaskDetails, variables []Variable) TaskDocument {
	t := s.Task
	doc := TaskDocument{
		FormatVersion: FormatVersion, Name: s.Name, Combination: s.Combination(), Instances: s.Instances,
		Shards:      t.Shard.Count,
		paramsText:  s.Arguments.ParamsText("arguments", "flags"),
		Description: s.Description, Group: s.Group, Aliases: s.Aliases, Hidden: s.Hidden,
		Runs: s.Kind.String(), Service: t.Service, Image: t.Image, Usage: s.UsageLine,
		Args: parameters(s.Arguments.Args), Flags: parameters(s.Arguments.Flags),
		Command: maskAll(s.Secrets, t.Command), Entrypoint: maskAll(s.Secrets, t.Entrypoint),
		User: t.User, Workdir: t.Workdir,
		Ports: t.Ports, Labels: map[string]string{}, Detach: t.Detach, NoDeps: t.NoDeps,
		Skipped: s.Secrets.Mask(t.DisabledReason), Confirm: s.Secrets.Mask(t.Confirm),
		Timeout: goDurationText(t.Timeout), OutputStyle: string(t.OutputStyle),
		StopSignal: t.StopSignal, StopGracePeriod: goDurationText(t.StopGracePeriod),
		DependencyPolicy: explicitPolicy(t),
		Lock:             s.Secrets.Mask(t.Lock), Retry: newTaskRetry(t.Retry),
		Environment: mergeEnvironment(variables, s), DependsOn: []TaskDependency{}, RunTime: s.Deferred,
		Range: diagnostics.NewRange(s.DeclRange),
	}
	if t.IsExec {
		doc.Mode = "exec"
	}
	if t.IsJob {
		doc.Runs, doc.Service, doc.Job = runsJob, "", t.Service
	}
	for _, v := range t.Volumes {
		doc.Volumes = append(doc.Volumes, v.Text)
	}
	for key, value := range t.Labels {
		doc.Labels[key] = s.Secrets.Mask(value)
	}
	for _, d := range t.DependsOn {
		dependency := TaskDependency{
			Task: d.Task, Service: d.Service, Condition: string(d.Condition), Reason: dependencyReason(d), Position: d.Position,
		}
		doc.DependsOn = append(doc.DependsOn, dependency)
	}
	for _, d := range t.Finally {
		doc.Finally = append(doc.Finally, d.Task)
	}
	return doc
}

// goDurationText is empty for no duration.
func goDurationText(d time.Duration) string {
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
