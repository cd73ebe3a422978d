package hclspec

import (
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// TTYMode tells whether a one-off gets a terminal.
type TTYMode int

const (
	// TTYAuto gives a terminal if stdin and stdout of `tasks` are terminals.
	TTYAuto TTYMode = iota
	// TTYAlways asks for a terminal.
	TTYAlways
	// TTYNever gives none.
	TTYNever
)

// Spec is the result of an evaluation: the targets and all their dependencies, as plain values. The value is
// immutable.
type Spec struct {
	// Targets are the names of the targets' runs, in order.
	Targets []string
	// Sequence groups the same names by target. A task with a matrix has several runs.
	Sequence [][]string
	// Tasks holds the targets and all their dependencies, by name.
	Tasks map[string]*Task
	// Readiness holds the ready blocks by scope and service name, as in "ns:db". The map is nil if no task needs a
	// service.
	Readiness map[string]*Readiness
	// Secrets are the sensitive values in the tasks. All output masks them.
	Secrets Secrets
	// Jobs is the largest number of commands at a time, OutputStyle the style for all tasks. Both are from the
	// `tasks` block; 0 and empty if the block has none.
	Jobs        int
	OutputStyle OutputStyle
	// Help is the help text of a task, if the arguments of a target ask for help. Then all other fields are empty.
	Help string
}

// Task is an evaluated `task` block. The value is immutable; Resolve returns a copy.
type Task struct {
	// Name is unique among the runs of a Spec: test, build(linux), test@db=16,python=3.12. DeclaredName is the
	// name of the block.
	Name, DeclaredName string
	Description        string
	Kind               TaskKind
	// Service is the compose service of a service task, or the job with IsJob. Image is the image of an image task.
	Service, Image string
	IsJob          bool
	// Shard is the place among the shards of the task. The zero value: the task has no shards.
	Shard Shard
	// IsJobRun reports whether the task stands for `job.NAME`, without a block in the files.
	IsJobRun bool

	// Command is the final argument list. A script is already included: shell, text, task name, words. nil: the
	// service's or image's own command. Empty and not nil: no arguments.
	Command []string
	// Entrypoint overrides the image's entrypoint. nil: unset. Empty and not nil: reset.
	Entrypoint []string
	// Env is added to the environment, from env, env_files and pass_env. A nil value unsets the name.
	Env map[string]*string
	// EnvFiles are the absolute paths of the dotenv files in Env.
	EnvFiles []string
	// Labels are added to the one-off.
	Labels map[string]string
	// User and Workdir replace the service's. Empty: unset. A host task's Workdir is absolute.
	User, Workdir string
	// Ports are in Compose's short syntax. nil: unset.
	Ports []string
	// ServicePorts publishes the service's own ports.
	ServicePorts bool
	// Volumes are added mounts.
	Volumes []Volume
	// UseAliases gives the container the service's network aliases.
	UseAliases bool
	// CapAdd and CapDrop add to the service's. A capability in a list is removed from the service's opposite list.
	CapAdd, CapDrop []string
	// ContainerName is the container's name. Empty: each run makes a name.
	ContainerName string
	// Detach leaves the container running, and prints its name. RM has no meaning then.
	Detach bool
	TTY    TTYMode
	// Interactive keeps stdin open.
	Interactive bool
	// RM removes the container and its anonymous volumes after the run.
	RM bool
	// NoDeps starts no dependency service, Compose's or the task's own.
	NoDeps bool

	// DependsOn are the declared dependencies and the dependencies of run-time values, in order, each once.
	DependsOn []Dependency
	// HostPorts are the ports of services that the task uses as values, sorted.
	HostPorts []HostPort
	// Watch is the `watch` block, or nil.
	Watch *Watch

	// IsOnce reports that the task has no block: it is a call of `tasks once`. Volumes that the compose file lacks
	// then keep their literal names.
	IsOnce bool

	// IsUp reports that the task has no block: it is a call of `tasks up`, and only names services.
	IsUp bool

	// DisabledReason says why the task is skipped. Empty: the task is enabled. The other attributes of a disabled
	// task are not evaluated.
	DisabledReason string
	// Confirm is the question before the run. The answer must be yes. Empty: none.
	Confirm string
	// Timeout limits the command from its start. 0: no limit.
	Timeout time.Duration
	// StopSignal asks the command to end. StopGracePeriod is the time for the end. Empty and 0: the service's
	// values, else SIGTERM and the value of the session.
	StopSignal      string
	StopGracePeriod time.Duration
	// AllowFailure are the exit codes of success.
	AllowFailure AllowFailure

	// Scope is the compose project of the task. Empty: the project of the project's own files. Otherwise the
	// prefix ("ns:") of the nearest included file with a compose block.
	Scope string
	// Policy is the dependency policy: the task's own, or the policy of the caller. PolicyRange is the place of
	// the policy. Empty: no place, or the command line.
	Policy      Policy
	PolicyRange hcl.Range
	// PolicySource is the attribute or flag with the policy, if another than dependency_policy and --isolated.
	PolicySource string
	// PrivateProjectRun is the run with the private project of this run, under PolicyEphemeral. Empty under other
	// policies.
	PrivateProjectRun string
	// IsExec reports that the command runs in the running container of the service.
	IsExec bool
	// Lock is the name of the lock for the run of the task, across processes. Empty: none.
	Lock string
	// Retry says how often a failed command is repeated.
	Retry Retry
	// RetriesLost runs the command once more if its container is lost.
	RetriesLost bool
	// Finally are the runs of other tasks after the end of this run.
	Finally []Dependency
	// FinallyOf is the run before this finally run, with the values of result.*. Empty: none.
	FinallyOf string
	// Inputs and Outputs are globs with `**` for the files that the command reads and writes, relative to Dir.
	// nil: unset.
	Inputs, Outputs []string
	// OutputStyle tells how the output is shown. Empty: the style of the run.
	OutputStyle OutputStyle

	// IsCaptured reports that another task uses the stdout of this task.
	IsCaptured bool
	// IsStdoutHidden reports that another task uses the stdout in sensitive(…). The value is known only at the end of
	// the command, so nothing of the stdout is shown.
	IsStdoutHidden bool
	// Deferred are the attributes with values that only the run knows (`task.x.stdout`), sorted. Their fields
	// above are zero until Resolve.
	Deferred []string
	// DeferredAttributes are the deferred attributes with their references.
	DeferredAttributes []DeferredAttribute

	// Dir is the absolute directory of the task's file. Relative paths start there.
	Dir string
	// DeclRange is the block's header. Ranges are the places of the attributes' values, by name, and the places
	// for ElementRange.
	DeclRange hcl.Range
	Ranges    map[string]hcl.Range

	// Secrets are the secrets of the Spec and of Resolve. nil before Resolve.
	Secrets Secrets

	// run is the source of the task.
	run             *taskRun
	resolveDeferred func(RunResults) (*Task, hcl.Diagnostics)
}

// AllowFailure holds the exit codes of a failed command that count as success.
type AllowFailure struct {
	// All allows each code, Codes the listed codes.
	All   bool
	Codes []int
}

// Allows reports whether a code counts as success.
func (a AllowFailure) Allows(code int) bool { return a.All || slices.Contains(a.Codes, code) }

// Policy is the dependency_policy of a task.
type Policy string

// The policies.
const (
	// PolicyReuse starts missing and stale services as Compose does, and leaves them.
	PolicyReuse Policy = "reuse"
	// PolicyTransient uses running services. Services started by `tasks` are removed by their last user.
	PolicyTransient Policy = "transient"
	// PolicyEphemeral makes a private project for the run, and removes the project afterwards.
	PolicyEphemeral Policy = "ephemeral"
	// PolicyExternal starts nothing. The services must run already.
	PolicyExternal Policy = "external"
)

// Retry is the `retry` block. The zero value tries once.
type Retry struct {
	// Attempts is the largest number of runs of the command.
	Attempts int
	// Delay is the pause before the second attempt. Each further pause is Backoff times as long. Backoff is at
	// least 1.
	Delay   time.Duration
	Backoff float64
}

// Volume is an added mount in Compose's short syntax. Its relative path starts at Dir.
type Volume struct{ Text, Dir string }

// Range returns the place of an attribute's value, or of the block's header if the attribute is unset.
func (t *Task) Range(attr string) hcl.Range {
	if r, ok := t.Ranges[attr]; ok {
		return r
	}
	return t.DeclRange
}

// PlaceText is a place for messages, "Tasks.hcl:7:5"; empty for the place of no file.
func PlaceText(at hcl.Range) string {
	if at.Filename == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", at.Filename, at.Start.Line, at.Start.Column)
}

// ElementRange returns the place of a text in the list `ports` or `volumes`. For a text that is not literal, as
// after a for, this is the place of the whole value.
func (t *Task) ElementRange(attr, text string) hcl.Range {
	if r, ok := t.Ranges[ElementRangeKey(attr, text)]; ok {
		return r
	}
	return t.Range(attr)
}

// ElementRangeKey is the key of a text's place in [Task].Ranges.
func ElementRangeKey(attr, text string) string { return attr + "=" + text }

// Resolve evaluates the deferred attributes with results of dependencies, and returns the completed task. Each
// task and service in a deferred attribute must have a result. Resolve is pure and may be called at any time, from
// any goroutine.
func (t *Task) Resolve(results RunResults) (*Task, hcl.Diagnostics) {
	if t.resolveDeferred == nil {
		return t, nil
	}
	resolved, diags := t.resolveDeferred(results)
	if resolved != nil { // the uses of the stdout are known only with all tasks
		resolved.IsCaptured, resolved.IsStdoutHidden = t.IsCaptured, t.IsStdoutHidden
	}
	return resolved, diags
}

// RunResults holds the run-time values of the finished steps.
type RunResults struct {
	// Tasks holds the results of runs by their names.
	Tasks map[string]TaskResult
	// Ports maps a service and a container port ("5432/tcp") to the host port.
	Ports map[string]map[string]string
}

// TaskResult is the result of a task run.
type TaskResult struct {
	// Stdout is the captured output without trailing newlines.
	Stdout   string
	ExitCode int
	// Reason is the reason of the end.
	Reason EndReason
}

// EndReason is the reason of a task's end: result.reason.
type EndReason string

// The values of result.reason.
const (
	Succeeded   EndReason = "success"
	Failed      EndReason = "failure"
	TimedOut    EndReason = "timeout"
	Interrupted EndReason = "interrupt"
)

// Compose is the `compose` block: the compose project of the tasks. For empty fields, Compose's own discovery
// decides. Paths are absolute.
type Compose struct {
	Files            []string
	Project          string
	Profiles         []string
	EnvFiles         []string
	ProjectDirectory string
	// Dir is the absolute directory of the block's file. Discovery starts there.
	Dir string
	// Range is the block's header; empty without a block.
	Range hcl.Range
}
