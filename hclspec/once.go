package hclspec

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// Once is the spec of one call of `tasks once`: a one-off of a service that no block declares. Words are its command; none:
// the service's own. Unlike a task's, its container stays unless Options say otherwise.
func Once(in Inputs, service string, words []string, o Options) (*Spec, hcl.Diagnostics) {
	e := newEvaluation(&File{}, in)
	r, mistake := newRequest(in, words, o)
	if mistake == nil {
		mistake = checkWorkdir(Service, &o)
	}
	if mistake == nil {
		mistake = e.unknownOnce(service)
	}
	if mistake != nil {
		return nil, hcl.Diagnostics{mistake}
	}
	d := &draft{root: in.Root, in: in, task: Task{
		Name: service, Declared: service, Kind: Service, Service: service, Once: true, Interactive: true, Policy: PolicyReuse,
		Dir: in.Cwd, Ranges: map[string]hcl.Range{},
	}}
	d.lay(r)
	d.assemble(r.words)
	return &Spec{Wanted: []string{service}, Tasks: map[string]*Task{service: &d.task}}, nil
}

// unknownOnce is nil where the project has the service.
func (e *evaluation) unknownOnce(service string) *hcl.Diagnostic {
	project, err := e.in.Project()
	if err != nil {
		d := complaint("the compose project cannot be loaded", "%s", err)
		d.Extra = ProjectError{Err: err}
		return d
	}
	if slices.Contains(project.ServiceNames(), service) {
		return nil
	}
	return UnknownService(project, service)
}
