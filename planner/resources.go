package planner

import (
	"cmp"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/internal/composeproject"
)

// planNetwork makes the step of one network of the project.
func (b *builder) planNetwork(key string) StepID {
	id := b.stepID("network", key)
	if b.hasStep(id) {
		return id
	}
	config := b.model.Networks[key]
	action := &Network{Key: key, Name: config.Name, External: bool(config.External), Config: config, Labels: mustLabels(b.input.Project.Labels().Network(key))}
	action.Locate = func(path ...string) string { return b.input.Project.NetworkLocationText(key, path...) }
	step := b.addStep(&Step{ID: id, Action: action, Verb: Create, Reason: "the project has none"})
	found := b.observedNetwork(key)
	switch {
	case found == nil && action.External:
		step.Reason = "it is external and does not exist: the run will fail"
	case found == nil:
	case action.External:
		action.ExistingID = found.ID
		step.Verb, step.Reason = Reuse, "it is external"
	case !b.isProjectNetwork(found, key):
		action.ExistingID = found.ID
		step.Verb, step.Reason = Reuse, "it exists; it is not this project's, and stays as it is"
	default:
		action.ExistingID, action.IsTransient = found.ID, IsTransient(found.Labels)
		step.Verb, step.Reason = Reuse, "it exists"
		if hashDiffers(found.Labels[composeproject.LabelConfigHash], action.Labels[composeproject.LabelConfigHash]) {
			action.IsChanged, action.MACs = true, b.macAddresses(key)
			step.Verb, step.Reason = Recreate, "its configuration has changed"
		}
	}
	b.useExistingNetwork(step, action)
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
func (b *builder) isProjectNetwork(n *ObservedNetwork, key string) bool {
	return n.Labels[composeproject.LabelProject] == b.input.Project.Name() && n.Labels[composeproject.LabelNetwork] == key
}

// observedNetwork finds a network: by the project's labels, else by name, an external one also by id.
func (b *builder) observedNetwork(key string) *ObservedNetwork {
	config := b.model.Networks[key]
	var found []ObservedNetwork
	for _, n := range b.input.Snapshot.Networks {
		if n.Name == config.Name || bool(config.External) && n.ID == config.Name || b.isProjectNetwork(&n, key) && !bool(config.External) {
			found = append(found, n)
		}
	}
	if len(found) == 0 {
		return nil
	}
	best := slices.MinFunc(found, func(x, y ObservedNetwork) int {
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
func (b *builder) planVolume(key string) StepID {
	id := b.stepID("volume", key)
	if b.hasStep(id) {
		return id
	}
	config := b.model.Volumes[key]
	action := &Volume{Key: key, Name: config.Name, External: bool(config.External), Config: config, Labels: mustLabels(b.input.Project.Labels().Volume(key))}
	step := b.addStep(&Step{ID: id, Action: action, Verb: Create, Reason: "the project has none"})
	i := slices.IndexFunc(b.input.Snapshot.Volumes, func(v ObservedVolume) bool { return v.Name == config.Name })
	switch {
	case i >= 0:
		action.Exists, action.CreatedAt = true, b.input.Snapshot.Volumes[i].CreatedAt
		step.Verb, step.Reason = Reuse, "it exists"
		if action.External {
			step.Reason = "it is external"
		} else if hashDiffers(b.input.Snapshot.Volumes[i].Labels[composeproject.LabelConfigHash], action.Labels[composeproject.LabelConfigHash]) {
			step.Reason = "it exists; its configuration has changed, but its data is kept"
		}
	case action.External:
		step.Reason = "it is external and does not exist: the run will fail"
	}
	b.useExistingVolume(step, action)
	return id
}

// reportUnsupported reports what a compose file asks for and cannot be given. at leads to the place within the service.
func (b *builder) reportUnsupported(s types.ServiceConfig, detail string, at ...string) {
	b.diags = append(b.diags, b.locateInService(s, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "not supported in a compose file", Detail: detail}, at...))
}

// locateInService gives a diagnostic its place within a service of a compose file.
func (b *builder) locateInService(s types.ServiceConfig, diag *hcl.Diagnostic, at ...string) *hcl.Diagnostic {
	if file, line, column := b.input.Project.AttributeLocation(s.Name, at...); file != "" {
		pos := hcl.Pos{Line: line, Column: column}
		diag.Subject = &hcl.Range{Filename: b.relativePath(file), Start: pos, End: pos}
	}
	return diag
}
