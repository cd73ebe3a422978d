package hclspec

import (
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// TTYMode says whether a one-off gets a terminal.
type TTYMode int

const (
	// TTYAuto gives a terminal when stdin and stdout of `tasks` both are one.
	TTYAuto TTYMode = iota
	// TTYAlways asks for a terminal.
	TTYAlways
	// TTYNever gives none.
	TTYNever
)

// Spec is what an evaluation yields: every task that the wanted ones reach, as plain values. It is immutable.
type Spec struct {
	// Targets names the tasks that were asked for, in the order asked.
	Targets []string
	// Sequence are the same, by the targets that were asked for one after the other: a task with a matrix is several.
	Sequence [][]string
	// Tasks holds the wanted tasks and, transitively, the tasks they depend on, by name.
	Tasks map[string]*Task
	// Readiness holds the ready blocks of services, by the service's name, after the scope's: "ns:db"; nil where no task
	// reaches a service.
	Readiness map[string]*Readiness
	// Secrets are the sensitive values that the tasks are made of, to be masked in all output.
	Secrets Secrets
	// Jobs bounds how many commands run at a time, and OutputStyle is that of all tasks, as the `tasks` block says; 0 and
	// empty: it says nothing.
	Jobs        int
	OutputStyle OutputStyle
	// Help is the help text of a task, if the arguments of a target ask for help. Then all other fields are empty.
	Help string
}

// Task is one evaluated `task` block. It is immutable; Resolve returns a copy.
type Task struct {
	// Name tells the runs of a Spec apart: test, build(linux), test@db=16,python=3.12. Declared is the block's own name.
	Name, DeclaredName string
	Description        string
	Kind               TaskKind
	// Service is the compose service of a Service task, Image the image reference of an Image task.
	Service, Image string

	// Command is the final argument list. A script is already folded in: shell, text, task name, words.
	// nil: the service's or image's own command. Not nil and empty: no arguments at all.
	Command []string
	// Entrypoint overrides the image's entrypoint. nil: unset. Not nil and empty: reset.
	Entrypoint []string
	// Env is added to the environment, of env, env_files and pass_env together; a nil value unsets the name.
	Env map[string]*string
	// EnvFiles are the dotenv files that Env was read from, absolute.
	EnvFiles []string
	// Labels are added to the one-off.
	Labels map[string]string
	// User and Workdir replace the service's; empty: unset. A host task's Workdir is absolute.
	User, Workdir string
	// Ports are Compose's short syntax, as written. nil: unset.
	Ports []string
	// ServicePorts publishes the service's own ports.
	ServicePorts bool
	// Volumes are added mounts.
	Volumes []Volume
	// UseAliases gives the container the service's network aliases.
	UseAliases bool
	// CapAdd and CapDrop add to the service's; who is in one is taken out of the service's other.
	CapAdd, CapDrop []string
	// ContainerName is the container's name; empty: one is made for each run.
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

	// DependsOn are the written dependencies and those that a run-time value makes, in order, each once.
	DependsOn []Dependency
	// HostPorts are the ports of services that it uses as values, sorted.
	HostPorts []HostPort
	// Watch is the `watch` block, or nil.
	Watch *Watch

	// Once says that no block declares the task: it is one call of `tasks once`. Volumes that the compose file lacks keep
	// their literal names then.
	IsOnce bool

	// DisabledReason says why the task is skipped; empty: it is not. Of a disabled task nothing else is evaluated.
	DisabledReason string
	// Confirm is the question that has to be answered with yes before the run; empty: none.
	Confirm string
	// Timeout is how long the command may take from its start; 0: any time.
	Timeout time.Duration
	// StopSignal asks the command to end, StopGracePeriod is how long it may then take. Empty and 0: the service's, else
	// SIGTERM and what the session says.
	StopSignal      string
	StopGracePeriod time.Duration
	// AllowFailure are the exit codes that count as success.
	AllowFailure AllowFailure

	// Scope is the compose project that it belongs to: empty for that of the project's own files, else the prefix ("ns:") of
	// the nearest included files with a compose block.
	Scope string
	// Policy says what becomes of the services that it needs: its own, else that of the task which it was reached from.
	// PolicyRange is where it is said; empty: nowhere, or on the command line.
	Policy      Policy
	PolicyRange hcl.Range
	// PrivateProjectRun is the run whose private project it is done in, under PolicyEphemeral; else empty.
	PrivateProjectRun string
	// IsExec runs the command in the running container of the service instead of one of its own.
	IsExec bool
	// Lock is a name that is held while it runs, across processes; empty: none.
	Lock string
	// Retry says how often a command that failed is tried again.
	Retry Retry
	// Finally names the runs of other tasks that follow this one however it ends.
	Finally []Dependency
	// FinallyOf is the run whose `finally` this run is, whose result.* it sees; empty: none.
	FinallyOf string
	// Inputs and Outputs are globs with `**`, relative to Dir, of what the command reads and writes. nil: unset.
	Inputs, Outputs []string
	// OutputStyle says how its output is shown; empty: as the run's.
	OutputStyle OutputStyle

	// IsCaptured says that another task uses this one's stdout, so that it must be kept.
	IsCaptured bool
	// Deferred names the attributes whose value is not known before a dependency has run
	// (`task.x.stdout`), sorted. Their fields above are zero until Resolve.
	Deferred []string
	// DeferredAttribute says what each of them waits for.
	DeferredAttributes []DeferredAttribute

	// Dir is the absolute directory of the file that declares the task: its relative paths start there.
	Dir string
	// DeclRange is the block's header; Ranges the value expression of each attribute that is set, by name, and what
	// ElementRange finds.
	DeclRange hcl.Range
	Ranges    map[string]hcl.Range

	// Secrets are those of the Spec and what Resolve has made of them; nil before.
	Secrets Secrets

	// run is what it was evaluated from.
	run             *taskRun
	resolveDeferred func(RunResults) (*Task, hcl.Diagnostics)
}

// AllowFailure says which exit codes of a command that failed count as success.
type AllowFailure struct {
	// All of them, or Codes alone.
	All   bool
	Codes []int
}

// Allows says whether a code counts as success.
func (a AllowFailure) Allows(code int) bool { return a.All || slices.Contains(a.Codes, code) }

// Policy is the dependency_policy of a task.
type Policy string

// The policies.
const (
	// PolicyReuse starts what is missing or stale, as Compose does, and leaves it.
	PolicyReuse Policy = "reuse"
	// PolicyTransient uses what runs; what runs of `tasks` have started goes with the last of them that uses it.
	PolicyTransient Policy = "transient"
	// PolicyEphemeral makes a private project for the run, and removes all of it after.
	PolicyEphemeral Policy = "ephemeral"
	// PolicyExternal starts nothing: it must run already.
	PolicyExternal Policy = "external"
)

// Retry is the `retry` block. The zero value tries once.
type Retry struct {
	// Attempts is how often the command is run at most.
	Attempts int
	// Delay is the pause before the second attempt; each further one is Backoff times as long. Backoff is at least 1.
	Delay   time.Duration
	Backoff float64
}

// Volume is an added mount in Compose's short syntax, and the directory that its relative path starts at.
type Volume struct{ Text, Dir string }

// Range returns the place of an attribute's value, or of the block's header where the attribute is not set.
func (t *Task) Range(attr string) hcl.Range {
	if r, ok := t.Ranges[attr]; ok {
		return r
	}
	return t.DeclRange
}

// ElementRange returns the place of one text of a list, `ports` or `volumes`; that of the whole value where the text is not
// written out, as after a for.
func (t *Task) ElementRange(attr, text string) hcl.Range {
	if r, ok := t.Ranges[elementRangeKey(attr, text)]; ok {
		return r
	}
	return t.Range(attr)
}

func elementRangeKey(attr, text string) string { return attr + "=" + text }

// Resolve evaluates the deferred attributes with what the dependencies gave and returns the completed task.
// It needs what Results has for every task and service that a deferred attribute names. Pure: it may be called at any time, from
// any goroutine.
func (t *Task) Resolve(results RunResults) (*Task, hcl.Diagnostics) {
	if t.resolveDeferred == nil {
		return t, nil
	}
	return t.resolveDeferred(results)
}

// RunResults is what the steps of a run have yielded so far: the run-time values.
type RunResults struct {
	// Tasks holds the results of runs by their names.
	Tasks map[string]TaskResult
	// Ports maps a service to the host ports that its ports were given, by container port: "5432/tcp".
	Ports map[string]map[string]string
}

// TaskResult is what is known of a task once it has run.
type TaskResult struct {
	// Stdout is the captured output without trailing newlines.
	Stdout   string
	ExitCode int
	// EndReason is why it ended.
	Reason EndReason
}

// EndReason says how a task ended: result.reason.
type EndReason string

// The values of result.reason.
const (
	Succeeded   EndReason = "success"
	Failed      EndReason = "failure"
	TimedOut    EndReason = "timeout"
	Interrupted EndReason = "interrupt"
)

// Watch is the `watch` block of a task.
type Watch struct {
	// Paths and Ignore are globs with `**`, relative to the task's Dir. No Paths: the task's Inputs, else the
	// bind mounts and build contexts of its service.
	Paths, Ignore []string
	// Debounce is the quiet interval that ends a batch of changes.
	Debounce time.Duration
	Range    hcl.Range
}

// Compose is the `compose` block: which project the tasks belong to. Empty fields leave the choice to Compose's
// own discovery. Paths are absolute.
type Compose struct {
	Files            []string
	Project          string
	Profiles         []string
	EnvFiles         []string
	ProjectDirectory string
	// Dir is the directory of the files that the block stands in, absolute: discovery starts there.
	Dir string
	// Range is the block's header; empty where there is no block.
	Range hcl.Range
}
