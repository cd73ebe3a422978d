package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
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

// Variable is one name of a task's environment.
type Variable struct {
	Name string `json:"name"`
	// Value is null where the name is unset.
	Value *string `json:"value"`
	// Source is what has the last word: "compose env_file", "compose environment", "pass_env", "env_files" or "env".
	Source string `json:"source"`
	// Place is the file, with line and column where they are known: "compose.yaml:7:5".
	Place string `json:"place,omitempty"`
	// Sensitive values are masked; those of RunTime are known only after the tasks that they name.
	Sensitive bool `json:"sensitive,omitempty"`
	RunTime   bool `json:"run_time,omitempty"`
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

// text is the block in a few words.
func (r *TaskRetry) text() string {
	if r == nil {
		return ""
	}
	text := fmt.Sprintf("%d attempts", r.Attempts)
	if r.Delay != "" {
		text += ", " + r.Delay + " apart"
	}
	if r.Delay != "" && r.Backoff > 1 {
		text += fmt.Sprintf(", each pause %v times as long as the one before", r.Backoff)
	}
	return text
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

// mergeEnvironment lays a task's own environment over that of its service.
func mergeEnvironment(variables []Variable, s *hclspec.TaskDetails) []Variable {
	merged := slices.Clone(variables)
	if merged == nil {
		merged = []Variable{}
	}
	for _, e := range s.Env {
		v := Variable{Name: e.Name, Value: e.Value, Source: e.Attr, Place: e.File, Sensitive: e.IsSensitive, RunTime: e.IsDeferred}
		if e.File == "" {
			v.Place = fmt.Sprintf("%s:%d:%d", e.Range.Filename, e.Range.Start.Line, e.Range.Start.Column)
		}
		merged = slices.DeleteFunc(merged, func(other Variable) bool { return other.Name == v.Name })
		merged = append(merged, v)
	}
	for i, v := range merged {
		if v.Value == nil {
			continue
		}
		maskedValue := s.Secrets.Mask(*v.Value)
		if v.Sensitive {
			maskedValue = hclspec.Masked
		}
		merged[i].Sensitive, merged[i].Value = maskedValue != *v.Value || v.Sensitive, &maskedValue
	}
	slices.SortFunc(merged, func(a, b Variable) int { return strings.Compare(a.Name, b.Name) })
	return merged
}

// Write prints the document for people.
func (d TaskDocument) Write(w io.Writer) error {
	var b strings.Builder
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-13s %s\n", label, text)
		}
	}
	fmt.Fprintf(&b, "%s", d.Name)
	if d.Description != "" {
		fmt.Fprintf(&b, ": %s", d.Description)
	}
	b.WriteString("\n\n")
	line("usage", d.Usage)
	line("aliases", strings.Join(d.Aliases, ", "))
	line("group", d.Group)
	line("runs", d.locationText())
	line("skipped", d.Skipped)
	line("asks", d.Confirm)
	line("timeout", d.Timeout)
	line("output", d.OutputStyle)
	line("policy", d.DependencyPolicy)
	line("lock", d.Lock)
	line("retry", d.Retry.text())
	if d.Entrypoint != nil {
		line("entrypoint", quoteWords(d.Entrypoint))
	}
	if d.Command != nil {
		line("command", quoteWords(d.Command))
	}
	line("user", d.User)
	line("workdir", d.Workdir)
	line("ports", strings.Join(d.Ports, ", "))
	line("volumes", strings.Join(d.Volumes, ", "))
	d.writeEnvironment(&b)
	d.writeDependencies(&b)
	if len(d.Finally) > 0 {
		b.WriteString("\nfinally:\n")
	}
	for _, name := range d.Finally {
		b.WriteString("  task " + name + "\n")
	}
	if d.ComposeRun != "" {
		b.WriteString("\nclosest call without tasks:\n  " + d.ComposeRun + "\n")
	}
	for _, lack := range d.ComposeRunLacks {
		b.WriteString("  # " + lack + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// locationText says where the command runs.
func (d TaskDocument) locationText() string {
	switch d.Runs {
	case "service":
		if d.Mode == "exec" {
			return "in the container of service " + d.Service + " that runs"
		}
		return "a one-off of service " + d.Service
	case "image":
		return "a one-off of image " + d.Image
	case "group":
		return "nothing itself"
	}
	return "on the host"
}

// quoteWords shows words so that each can be told from the next; none at all is visible too.
func quoteWords(words []string) string {
	if len(words) == 0 {
		return "(no words)"
	}
	return hclspec.QuoteWords(words)
}

func (d TaskDocument) writeEnvironment(b *strings.Builder) {
	if len(d.Environment) == 0 {
		return
	}
	b.WriteString("\nenvironment:\n")
	rows := make([][2]string, len(d.Environment))
	widths := [2]int{}
	for i, v := range d.Environment {
		rows[i] = [2]string{v.Name, v.text()}
		widths[0], widths[1] = max(widths[0], len(rows[i][0])), max(widths[1], min(len(rows[i][1]), maxValueWidth))
	}
	for i, v := range d.Environment {
		from := v.Source
		if v.Place != "" {
			from += " (" + v.Place + ")"
		}
		fmt.Fprintf(b, "  %-*s  %-*s  %s\n", widths[0], rows[i][0], widths[1], rows[i][1], from)
	}
}

// maxValueWidth is the width up to which values make the column of their sources wider.
const maxValueWidth = 40

// text is a value on one line.
func (v Variable) text() string {
	if v.Value == nil {
		return "(unset)"
	}
	return hclspec.QuoteWords([]string{strings.ReplaceAll(*v.Value, "\n", `\n`)})
}

func (d TaskDocument) writeDependencies(b *strings.Builder) {
	if len(d.DependsOn) == 0 {
		return
	}
	b.WriteString("\nfirst:\n")
	for _, dep := range d.DependsOn {
		text := "task " + dep.Task
		if dep.Service != "" {
			text = "service " + dep.Service
		}
		if condition := (Edge{Condition: dep.Condition}).text(); condition != "" {
			text += ", " + condition
		}
		if dep.Reason == "output" {
			text += ", whose output is used"
		}
		b.WriteString("  " + text + "\n")
	}
}
