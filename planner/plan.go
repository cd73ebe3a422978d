package planner

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// Plan is an immutable DAG of steps. Steps are in a topological order: a step's needs stand before it.
type Plan struct {
	// Project is the name of the compose project of the files; empty where no step touches the engine for it.
	Project string
	// Scopes are the compose projects that steps touch, by [Step].Scope: that of the files is "".
	Scopes map[string]Scope
	Steps  []*Step
	// Targets are the steps of the tasks that were asked for, in order.
	Targets []StepID
	// Jobs bounds how many commands run at a time, as the tasks block says; 0: it says nothing.
	Jobs int
	// Diagnostics are the warnings of planning.
	Diagnostics hcl.Diagnostics
}

// CreatesResources says whether a run of the plan has to make something that outlives it: a network, a volume, an image, or the
// container of a service. The one-offs of its tasks, which every run makes, do not count.
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

// Facts are what the steps done so far have yielded. A step sees at least those of the steps that it needs.
type Facts struct {
	// Images maps an image reference to the id of the local image.
	Images map[string]string
	// LocalImages are those images as they were seen, by reference.
	LocalImages map[string]observed.Image
	// ImageVolumes maps an image's id to the mount points that it declares.
	ImageVolumes map[string][]string
	// Containers maps a service to the id of its container; "db#2" is the second replica's.
	Containers map[string]string
	// Recreated holds the services whose container this run replaced.
	Recreated map[string]bool
	// Restarted holds the services whose container this run has stopped to start it again.
	Restarted map[string]bool
	// Networks maps a network's key to its id.
	Networks map[string]string
	// Volumes maps a volume's name to when it was made, in the engine's words.
	Volumes map[string]string
	// Tasks maps a task to its result.
	Tasks map[string]hclspec.TaskResult
	// Ports maps a service to the host ports that it was given, by container port: "5432/tcp".
	Ports map[string]map[string]string
}

// Results are the run-time values of the language.
func (f Facts) Results() hclspec.RunResults {
	return hclspec.RunResults{Tasks: f.Tasks, Ports: f.Ports}
}

// Decision is what to do with the container of a dependency service.
type Decision struct {
	// Verb is Create, Recreate or Reuse.
	Verb   Verb
	Reason string
	// Spec is the container to create; unset for Reuse.
	Spec ContainerSpec
}
