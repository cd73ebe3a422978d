package workspace

import (
	"errors"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
)

// Evaluate evaluates targets and everything that the targets reach. With errors among the diagnostics, or an error, the
// spec is nil. The error reports a compose project that cannot be loaded.
func (ws *Workspace) Evaluate(targets []hclspec.Target) (*hclspec.Spec, hcl.Diagnostics, error) {
	spec, diags := ws.File.Evaluate(ws.Inputs, targets)
	if diags, err := projectFailure(diags); diags != nil || err != nil {
		return nil, diags, err
	}
	return spec, diags, nil
}

// OnceSpec returns the spec of a one-off of a compose service without a task block. The results are the results of
// [Workspace.Evaluate].
func (ws *Workspace) OnceSpec(service string, command []string, options hclspec.Options) (*hclspec.Spec, hcl.Diagnostics, error) {
	spec, diags := hclspec.OnceSpec(ws.Inputs, service, command, options)
	if diags, err := projectFailure(diags); diags != nil || err != nil {
		return nil, diags, err
	}
	return spec, diags, nil
}

// EvaluateOnce returns the spec of a one-off like [Workspace.OnceSpec], with the readiness blocks of the files.
func (ws *Workspace) EvaluateOnce(service string, command []string, options hclspec.Options) (*hclspec.Spec, hcl.Diagnostics, error) {
	spec, diags, err := ws.OnceSpec(service, command, options)
	if err != nil || diags.HasErrors() {
		return nil, diags, err
	}
	readiness, more := ws.File.EvaluateReadiness(ws.Inputs, spec)
	if diags, err := projectFailure(more); diags != nil || err != nil {
		return nil, diags, err
	}
	spec.Readiness = readiness
	return spec, append(diags, more...), nil
}

// EvaluateTask evaluates one task without arguments, for `tasks show`.
func (ws *Workspace) EvaluateTask(name string) (*hclspec.TaskDetails, hcl.Diagnostics, error) {
	details, diags := ws.File.Show(ws.Inputs, name)
	if diags, err := projectFailure(diags); diags != nil || err != nil {
		return nil, diags, err
	}
	return details, diags, nil
}

// projectFailure returns the error of the first compose project that cannot be loaded, or the diagnostics of the first
// wrong compose block. Most other diagnostics follow from the missing project.
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
