package workspace

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
)

// EvaluateTargets evaluates targets and everything that the targets reach. With errors among the diagnostics, or an
// error, the run has no spec. The error reports a compose project that cannot be loaded.
func (r *Run) EvaluateTargets(targets []hclspec.Target) (hcl.Diagnostics, error) {
	var diags hcl.Diagnostics
	r.Spec, diags = r.Workspace.File.Evaluate(r.Workspace.Inputs, targets)
	if block, err := projectFailure(diags); block != nil || err != nil {
		return block, err
	}
	return diags, nil
}

// EvaluateOnce evaluates a one-off of a compose service without a task block, with the readiness blocks of the
// files. The results are the results of [Run.EvaluateTargets].
func (r *Run) EvaluateOnce(service string, command []string, options hclspec.Options) (hcl.Diagnostics, error) {
	spec, diags := hclspec.OnceSpec(r.Workspace.Inputs, service, command, options)
	return r.addReadiness(spec, diags)
}

// EvaluateUp evaluates services without a task block, with the readiness blocks of the files. Without services, all
// services of the active profiles count. The results are the results of [Run.EvaluateTargets].
func (r *Run) EvaluateUp(services []string) (hcl.Diagnostics, error) {
	if len(services) == 0 {
		project, err := r.Workspace.Project("")
		if err != nil {
			return splitDiagnostics(err)
		}
		if services = project.Model().ServiceNames(); len(services) == 0 {
			return nil, fmt.Errorf("project %q has no service in the active profiles: name a service, or use --profile",
				project.Name())
		}
	}
	spec, diags := hclspec.UpSpec(r.Workspace.Inputs, services)
	return r.addReadiness(spec, diags)
}

// addReadiness completes a spec without task blocks.
func (r *Run) addReadiness(spec *hclspec.Spec, diags hcl.Diagnostics) (hcl.Diagnostics, error) {
	if diags.HasErrors() {
		if block, err := projectFailure(diags); block != nil || err != nil {
			return block, err
		}
		return diags, nil
	}
	r.Spec = spec
	spec.Readiness, diags = r.Workspace.File.EvaluateReadiness(r.Workspace.Inputs, spec)
	if block, err := projectFailure(diags); block != nil || err != nil {
		return block, err
	}
	return diags, nil
}

// OnceTask evaluates the task of a one-off like [Run.EvaluateOnce], without readiness blocks.
func (ws *Workspace) OnceTask(service string, command []string, options hclspec.Options) (
	*hclspec.Task, hcl.Diagnostics, error,
) {
	spec, diags := hclspec.OnceSpec(ws.Inputs, service, command, options)
	if diags.HasErrors() {
		if block, err := projectFailure(diags); block != nil || err != nil {
			return nil, block, err
		}
		return nil, diags, nil
	}
	return spec.Tasks[service], nil, nil
}

// InputsWithoutCompose returns the inputs for commands that read no compose file.
func (ws *Workspace) InputsWithoutCompose() hclspec.Inputs {
	in := ws.Inputs
	in.Project = func() (hclspec.Project, error) { return nil, errors.New("this command reads no compose file") }
	in.IncludedProject = func(string) (hclspec.Project, error) { return in.Project() }
	return in
}

// EvaluateTask evaluates one task without arguments, for `tasks show`.
func (ws *Workspace) EvaluateTask(name string) (*hclspec.TaskDetails, hcl.Diagnostics, error) {
	details, diags := ws.File.Show(ws.Inputs, name)
	if diags, err := projectFailure(diags); diags != nil || err != nil {
		return nil, diags, err
	}
	return details, diags, nil
}

// projectFailure returns the error of the first compose project that cannot be loaded, or the diagnostics of the
// first wrong compose block. Most other diagnostics follow from the missing project.
func projectFailure(diags hcl.Diagnostics) (hcl.Diagnostics, error) {
	for _, d := range diags {
		if failure, found := hcl.DiagnosticExtra[hclspec.ProjectError](d); found {
			return splitDiagnostics(failure.Err)
		}
	}
	return nil, nil
}

// splitDiagnostics separates diagnostics from other errors.
func splitDiagnostics(err error) (hcl.Diagnostics, error) {
	if diags, ok := errors.AsType[hcl.Diagnostics](err); ok {
		return diags, nil
	}
	return nil, err
}
