package planner

import (
	"cmp"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// resourcePlanner plans networks and volumes.
type resourcePlanner struct{ *scopeSteps }

// planNetwork makes the step of one network of the project.
func (p *resourcePlanner) planNetwork(key string) StepID {
	id := p.stepID("network", key)
	if p.hasStep(id) {
		return id
	}
	config := p.model.Networks[key]
	action := &Network{Key: key, Name: config.Name, External: bool(config.External), Config: config, Labels: mustLabels(p.project.Labels().Network(key))}
	action.Locate = func(path ...string) string { return p.project.NetworkLocationText(key, path...) }
	step := p.addStep(&Step{ID: id, Action: action, Verb: Create, Reason: "the project has none"})
	found := p.observedNetwork(key)
	switch {
	case found == nil && action.External:
		step.Reason = "it is external and does not exist: the run will fail"
	case found == nil:
	case action.External:
		action.ExistingID = found.ID
		step.Verb, step.Reason = Reuse, "it is external"
	case !p.isProjectNetwork(found, key):
		action.ExistingID = found.ID
		step.Verb, step.Reason = Reuse, "it exists; it is not this project's, and stays as it is"
	default:
		action.ExistingID, action.IsTransient = found.ID, observed.IsTransient(found.Labels)
		step.Verb, step.Reason = Reuse, "it exists"
		if hashDiffers(found.Labels[composeproject.LabelConfigHash], action.Labels[composeproject.LabelConfigHash]) {
			action.IsChanged, action.MACs = true, p.macAddresses(key)
			step.Verb, step.Reason = Recreate, "its configuration has changed"
		}
	}
	p.useExistingNetwork(step, action)
	return id
}

// mustLabels never fails: a loaded configuration always has a JSON form to hash.
func mustLabels(labels map[string]string, err error) map[string]string {
	if err != nil {
		panic(err)
	}
	return labels
}

// hashDiffers compares config hashes. A resource without one was not made by Compose or `tasks`, and is left untouched.
func hashDiffers(have, want string) bool { return have != "" && have != want }

// isProjectNetwork says that a network carries the labels of this project's.
func (p *scopeSteps) isProjectNetwork(n *observed.Network, key string) bool {
	return n.Labels[composeproject.LabelProject] == p.project.Name() && n.Labels[composeproject.LabelNetwork] == key
}

// observedNetwork finds a network: by the project's labels, else by name, an external one also by id.
func (p *scopeSteps) observedNetwork(key string) *observed.Network {
	config := p.model.Networks[key]
	var found []observed.Network
	for _, n := range p.snapshot.Networks {
		if n.Name == config.Name || bool(config.External) && n.ID == config.Name || p.isProjectNetwork(&n, key) && !bool(config.External) {
			found = append(found, n)
		}
	}
	if len(found) == 0 {
		return nil
	}
	best := slices.MinFunc(found, func(x, y observed.Network) int {
		return cmp.Or(-compareBool(x.Name == config.Name, y.Name == config.Name), cmp.Compare(x.Name, y.Name), x.CreatedAt.Compare(y.CreatedAt))
	})
	return &best
}

func compareBool(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return 1
	default:
		return -1
	}
}

// volume makes the step of one named volume of the project.
func (p *resourcePlanner) planVolume(key string) StepID {
	id := p.stepID("volume", key)
	if p.hasStep(id) {
		return id
	}
	config := p.model.Volumes[key]
	action := &Volume{Key: key, Name: config.Name, External: bool(config.External), Config: config, Labels: mustLabels(p.project.Labels().Volume(key))}
	step := p.addStep(&Step{ID: id, Action: action, Verb: Create, Reason: "the project has none"})
	i := slices.IndexFunc(p.snapshot.Volumes, func(v observed.Volume) bool { return v.Name == config.Name })
	switch {
	case i >= 0:
		action.Exists, action.CreatedAt = true, p.snapshot.Volumes[i].CreatedAt
		step.Verb, step.Reason = Reuse, "it exists"
		if action.External {
			step.Reason = "it is external"
		} else if hashDiffers(p.snapshot.Volumes[i].Labels[composeproject.LabelConfigHash], action.Labels[composeproject.LabelConfigHash]) {
			step.Reason = "it exists; its configuration has changed, but its data is kept"
		}
	case action.External:
		step.Reason = "it is external and does not exist: the run will fail"
	}
	p.useExistingVolume(step, action)
	return id
}

// reportUnsupported reports what a compose file asks for and cannot be given. at leads to the place within the service.
func (p *scopeSteps) reportUnsupported(s types.ServiceConfig, detail string, at ...string) {
	p.diags = append(p.diags, p.locateInService(s, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "not supported in a compose file", Detail: detail}, at...))
}

// locateInService gives a diagnostic its place within a service of a compose file.
func (p *scopeSteps) locateInService(s types.ServiceConfig, diag *hcl.Diagnostic, at ...string) *hcl.Diagnostic {
	if file, line, column := p.project.AttributeLocation(s.Name, at...); file != "" {
		pos := hcl.Pos{Line: line, Column: column}
		diag.Subject = &hcl.Range{Filename: p.relativePath(file), Start: pos, End: pos}
	}
	return diag
}
