package hclspec

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/diag"
)

// OnceSpec returns the spec of a call of `tasks once`: a one-off of a service without a task block. Args are its
// command; without args the service's own command runs. The container stays, unless Options say otherwise.
func OnceSpec(in Inputs, service string, args []string, o Options) (*Spec, hcl.Diagnostics) {
	r, mistake := newCommandLine(in, args, o)
	if mistake == nil {
		mistake = checkWorkdir(ServiceTask, &o)
	}
	if mistake == nil {
		mistake = checkOnceService(in, service)
	}
	if mistake != nil {
		return nil, hcl.Diagnostics{mistake}
	}
	d := &taskDraft{projectDir: in.Root, in: in, task: Task{
		Name: service, DeclaredName: service, Kind: ServiceTask, Service: service, IsOnce: true, Interactive: true,
		Policy: PolicyReuse,
		Dir:    in.Cwd, Ranges: map[string]hcl.Range{},
	}}
	d.applyOptions(r)
	d.assembleCommand(r.rawArgs)
	return &Spec{Targets: []string{service}, Tasks: map[string]*Task{service: &d.task}}, nil
}

// checkOnceService returns an error unless the project has the service.
func checkOnceService(in Inputs, service string) *hcl.Diagnostic {
	project, err := in.Project()
	if err != nil {
		d := diag.Error("the compose project cannot be loaded", "%s", err)
		diag.SetKind(d, ProjectError{Err: err})
		return d
	}
	if slices.Contains(project.ServiceNames(), service) {
		return nil
	}
	return UnknownServiceError(project, service)
}
