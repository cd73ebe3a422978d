package hclspec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/diag"
)

// OnceSpec returns the spec of a call of `tasks once`: a one-off of a service or job without a task block. Args are its
// command; without args the service's own command runs. The container stays, unless Options say otherwise.
func OnceSpec(in Inputs, service string, args []string, o Options) (*Spec, hcl.Diagnostics) {
	r, mistake := newCommandLine(in, args, in.withProjectEnv("", o))
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
		IsJob:  isJob(in, service),
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
		return projectError(err)
	}
	switch {
	case slices.Contains(project.ServiceNames(), service):
		return nil
	case slices.Contains(project.JobNames(), service):
		return jobError(project, service)
	}
	if near := diag.DidYouMean(service, slices.Concat(project.ServiceNames(), project.JobNames())); !near.IsEmpty() {
		return diag.Error(fmt.Sprintf("unknown service %q", service),
			"Project %q has no service and no job of this name.%s", project.Name(), near)
	}
	return UnknownServiceError(project, service)
}

// isJob reports whether a name of `tasks once` is a job. A service comes before a job.
func isJob(in Inputs, name string) bool {
	project, err := in.Project()
	return err == nil && slices.Contains(project.JobNames(), name) && !slices.Contains(project.ServiceNames(), name)
}
