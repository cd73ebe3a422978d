package hclspec

import (
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// Kind says where a task's command runs.
type Kind int

const (
	// Group has neither service, image, command nor script: it only names its dependencies.
	Group Kind = iota
	// Host runs its command on the machine of `tasks` itself.
	Host
	// Service is a one-off container of a compose service.
	Service
	// Image is a one-off container of an image, on the project's default network.
	Image
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
	// Wanted names the tasks that were asked for, in the order asked.
	Wanted []string
	// Turns are the same, by the targets that were asked for one after the other: a task with a matrix is several.
	Turns [][]string
	// Tasks holds the wanted tasks and, transitively, the tasks they depend on, by name.
	Tasks map[string]*Task
	// Readiness holds the ready blocks of services, by the service's name; nil where no task reaches a service.
	Readiness map[string]*Readiness
	// Secrets are the sensitive values that the tasks are made of, to be masked in all output.
	Secrets Secrets
}

// Task is one evaluated `task` block. It is immutable; Resolve returns a copy.
type Task struct {
	// Name tells the runs of a Spec apart: test, build(linux), test@db=16,python=3.12. Declared is the block's own name.
	Name, Declared string
	Description    string
	Kind           Kind
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
	// Watch is the `watch` block, or nil.
	Watch *Watch

	// Once says that no block declares the task: it is one call of `tasks once`. Volumes that the compose file lacks keep
	// their literal names then.
	Once bool

	// Disabled says why the task is skipped; empty: it is not. Of a disabled task nothing else is evaluated.
	Disabled string
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

	// Captured says that another task uses this one's stdout, so that it must be kept.
	Captured bool
	// Deferred names the attributes whose value is not known before a dependency has run
	// (`task.x.stdout`), sorted. Their fields above are zero until Resolve.
	Deferred []string

	// Dir is the absolute directory of the file that declares the task: its relative paths start there.
	Dir string
	// DeclRange is the block's header; Ranges the value expression of each attribute that is set, by name.
	DeclRange hcl.Range
	Ranges    map[string]hcl.Range

	// Secrets are those of the Spec and what Resolve has made of them; nil before.
	Secrets Secrets

	// run is what it was evaluated from.
	run     *instance
	resolve func(map[string]Result) (*Task, hcl.Diagnostics)
}

// AllowFailure says which exit codes of a command that failed count as success.
type AllowFailure struct {
	// All of them, or Codes alone.
	All   bool
	Codes []int
}

// Allows says whether a code counts as success.
func (a AllowFailure) Allows(code int) bool { return a.All || slices.Contains(a.Codes, code) }

// Volume is an added mount in Compose's short syntax, and the directory that its relative path starts at.
type Volume struct{ Text, Dir string }

// Range returns the place of an attribute's value, or of the block's header where the attribute is not set.
func (t *Task) Range(attr string) hcl.Range {
	if r, ok := t.Ranges[attr]; ok {
		return r
	}
	return t.DeclRange
}

// Resolve evaluates the deferred attributes with what the dependencies gave and returns the completed task.
// It needs a Result for every task that a deferred attribute names. Pure: it may be called at any time, from
// any goroutine.
func (t *Task) Resolve(results map[string]Result) (*Task, hcl.Diagnostics) {
	if t.resolve == nil {
		return t, nil
	}
	return t.resolve(results)
}

// Result is what is known of a task once it has run.
type Result struct {
	// Stdout is the captured output without trailing newlines.
	Stdout   string
	ExitCode int
}

// Condition is what a dependent waits for at a service.
type Condition string

// The conditions of the Compose specification, and the one that asks for healthy only where there is a probe.
const (
	// Ready is `service.db`: healthy where the service has a healthcheck, else started.
	Ready     Condition = "ready"
	Started   Condition = "service_started"
	Healthy   Condition = "service_healthy"
	Completed Condition = "service_completed_successfully"
)

// Dependency is one entry of a task's dependencies: a task or a service, never both.
type Dependency struct {
	Task    string
	Service string
	// Condition is for services.
	Condition Condition
	// RunTime says that a run-time value makes the dependency, not depends_on.
	RunTime bool
	Range   hcl.Range
}

// Watch is the `watch` block of a task.
type Watch struct {
	// Paths and Ignore are globs with `**`, relative to the task's Dir. No Paths: the bind mounts and build
	// contexts of the task's service.
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
	// Range is the block's header; empty where there is no block.
	Range hcl.Range
}
