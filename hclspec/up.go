package hclspec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/diag"
)

// upName is the name of the task in a spec of [UpSpec].
const upName = "tasks up"

// UpSpec returns the spec of a call of `tasks up`: services that are to be ready, without a task block.
func UpSpec(in Inputs, services []string) (*Spec, hcl.Diagnostics) {
	t := &Task{
		Name: upName, DeclaredName: upName, Kind: GroupTask, IsUp: true, Policy: PolicyReuse, Dir: in.Cwd,
		Ranges: map[string]hcl.Range{},
	}
	project, err := in.Project()
	if err != nil {
		return nil, hcl.Diagnostics{projectError(err)}
	}
	var diags hcl.Diagnostics
	for _, name := range services {
		if d := checkUpService(project, name); d != nil {
			diags = append(diags, d)
		}
		t.DependsOn = append(t.DependsOn, Dependency{Service: name, Condition: Ready})
	}
	if diags.HasErrors() {
		return nil, diags
	}
	return &Spec{Targets: []string{upName}, Tasks: map[string]*Task{upName: t}}, nil
}

func checkUpService(project Project, name string) *hcl.Diagnostic {
	switch {
	case slices.Contains(project.ServiceNames(), name):
		return nil
	case slices.Contains(project.JobNames(), name):
		return diag.Error(fmt.Sprintf("%q is a job", name), "A job ends, and `tasks up` leaves services running: %s",
			diag.Suggest("did you mean `%s`?", "tasks once "+name))
	}
	return UnknownServiceError(project, name)
}

// projectError reports a compose project that cannot be loaded.
func projectError(err error) *hcl.Diagnostic {
	d := diag.Error("the compose project cannot be loaded", "%s", err)
	diag.SetKind(d, ProjectError{Err: err})
	return d
}
