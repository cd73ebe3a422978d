package planner

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// Plan is an immutable graph of steps, in topological order: the needs of a step come before the step.
type Plan struct {
	// Project is the name of the root project. Empty: no step touches the engine for the root project.
	Project string
	// Scopes are the touched compose projects, by [Step].Scope. The root project has the key "".
	Scopes map[string]Scope
	Steps  []*Step
	// Targets are the steps of the targets, in order.
	Targets []StepID
	// Jobs limits the number of concurrent commands, from the tasks block. 0: no limit in the file.
	Jobs int
	// Diagnostics are the warnings of planning.
	Diagnostics hcl.Diagnostics
	// Placement says where the compose projects are, on an engine with several nodes; nil: another engine.
	Placement *Placement
}

// Placement says on which nodes of an engine the compose projects of a plan are.
type Placement struct {
	// Engine is the name of the engine. IsSwarm reports whether the nodes are those of a Docker Swarm.
	Engine  string
	IsSwarm bool
	// Slots is the number of private projects at a time.
	Slots int
	Nodes []NodePlacement
	// Sends are the images that the run sends to nodes: "web to tsw2, tsw3: 2 of 5 layers, 28 MB".
	Sends []string
}

// NodePlacement is a node with its compose projects.
type NodePlacement struct {
	// State is "ready", "closed" to new projects, or "lost".
	Name, State string
	// Scopes are the keys of [Plan].Scopes, in the order of the plan.
	Scopes []string
}

// CreatesResources reports whether a run of the plan creates a resource that outlives the run: a network, a volume, an
// image, or a service container. One-offs do not count.
func (p *Plan) CreatesResources() bool {
	return slices.ContainsFunc(p.Steps, func(s *Step) bool {
		if _, oneOff := s.Action.(*CreateOneOff); oneOff {
			return false
		}
		if p.Scopes[s.Scope].PrivateTask != "" && s.Verb == Create {
			return false
		}
		return s.Verb == Create || s.Verb == Recreate || s.Verb == PullImage || s.Verb == BuildImage
	})
}

// ChangesResources reports whether a run of the plan creates, changes, stops or removes a resource of the project.
// One-offs do not count.
func (p *Plan) ChangesResources() bool {
	return slices.ContainsFunc(p.Steps, func(s *Step) bool {
		switch a := s.Action.(type) {
		case *Network:
			return a.ExistingID == "" || a.IsChanged
		case *Volume:
			return !a.Exists
		case *Container, *Image, *StartService:
			return s.Verb != Reuse
		case *StopService, *RemoveContainer, *RemoveNetwork, *RemoveVolume:
			return true
		}
		return false
	})
}

// Tasks returns the tasks of a plan, in order.
func (p *Plan) Tasks() []*hclspec.Task {
	var tasks []*hclspec.Task
	for _, step := range p.Steps {
		if task := TaskOf(step); task != nil && !slices.Contains(tasks, task) {
			tasks = append(tasks, task)
		}
	}
	return tasks
}

// Facts are the results of the finished steps. A step sees at least the results of its needs.
type Facts struct {
	// Images maps an image reference to the id of the local image.
	Images map[string]string
	// LocalImages maps an image reference to the local image at the snapshot.
	LocalImages map[string]observed.Image
	// ImageVolumes maps an image id to the mount points in the image's configuration.
	ImageVolumes map[string][]string
	// Containers maps a replica ("db", "db#2") to the container id.
	Containers map[string]string
	// Recreated holds the replicas with a container recreated by this run.
	Recreated map[string]bool
	// Restarted holds the replicas with a container stopped by this run for a restart.
	Restarted map[string]bool
	// Networks maps a network key to the network id.
	Networks map[string]string
	// Volumes maps a volume name to the creation time, in the engine's format.
	Volumes map[string]string
	// Tasks maps a task to its result.
	Tasks map[string]hclspec.TaskResult
	// Ports maps a service and a container port ("5432/tcp") to the host port.
	Ports map[string]map[string]string
}

// Results are the run-time values of the language.
func (f Facts) Results() hclspec.RunResults {
	return hclspec.RunResults{Tasks: f.Tasks, Ports: f.Ports}
}

// Decision says how to get the container of a replica.
type Decision struct {
	// Verb is Create, Recreate or Reuse.
	Verb   Verb
	Reason Reasons
	// Spec is the container to create. Empty for Reuse.
	Spec ContainerSpec
}
