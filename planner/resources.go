package planner

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// resourcePlanner plans networks and volumes.
type resourcePlanner struct{ *scopeSteps }

// planNetwork plans a network of the project.
func (p *resourcePlanner) planNetwork(key string) StepID {
	id := p.stepID("network", key)
	if p.hasStep(id) {
		return id
	}
	config := p.model.Networks[key]
	action := &Network{
		Key: key, Name: config.Name, External: bool(config.External), Config: config,
		Labels: mustLabels(p.project.Labels().Network(key)),
		Locate: func(path ...string) string { return p.project.Locations().NetworkText(key, path...) },
	}
	step := p.addStep(&Step{ID: id, Action: action, Verb: Create, Reason: because(ReasonNoResource)})
	found := p.observedNetwork(key)
	switch {
	case found == nil && action.External:
		step.Reason = because(ReasonExternalMissing)
	case found == nil:
	case action.External:
		action.ExistingID = found.ID
		step.decide(Reuse, ReasonExternal)
	case !p.isProjectNetwork(found, key):
		action.ExistingID = found.ID
		p.reuseForeign(step, "network", key, config.Name, resourceOwnerText(found.Labels, composeproject.LabelNetwork))
	default:
		action.ExistingID, action.IsTransient = found.ID, observed.IsTransient(found.Labels)
		step.decide(Reuse, ReasonExists)
		if hashDiffers(found.Labels, action.Labels) {
			action.IsChanged, action.MACs = true, macAddresses(p.project, key)
			step.decide(Recreate, ReasonConfigChanged)
		}
	}
	p.useExistingNetwork(step, action)
	return id
}

// mustLabels never fails: every loaded configuration has a JSON form for the hash.
func mustLabels(labels map[string]string, err error) map[string]string {
	if err != nil {
		panic(err)
	}
	return labels
}

// hashDiffers compares the config hashes of two label sets. A resource without a hash is the work of another program,
// and stays untouched.
func hashDiffers(existing, wanted map[string]string) bool {
	hash := existing[composeproject.LabelConfigHash]
	return hash != "" && hash != wanted[composeproject.LabelConfigHash]
}

// isProjectNetwork reports whether a network has the labels of the project's network.
func (p *scopeSteps) isProjectNetwork(n *observed.Network, key string) bool {
	return n.Labels[composeproject.LabelProject] == p.project.Name() && n.Labels[composeproject.LabelNetwork] == key
}

// isProjectVolume reports whether a volume has the labels of the project's volume.
func (p *scopeSteps) isProjectVolume(v observed.Volume, key string) bool {
	return v.Labels[composeproject.LabelProject] == p.project.Name() && v.Labels[composeproject.LabelVolume] == key
}

// reuseForeign plans the use of a network or volume of others, with Compose's warning. No step changes the resource.
func (p *resourcePlanner) reuseForeign(step *Step, kind, key, name, owner string) {
	step.decide(Reuse, ReasonOtherProject, owner)
	p.diags = append(p.diags, p.setSubject(&hcl.Diagnostic{
		Severity: hcl.DiagWarning, Summary: fmt.Sprintf("%s %s belongs to %s", kind, name, owner),
		Detail: fmt.Sprintf("The %s exists and is used as it is, as with Compose. "+
			"Write `external: true` if that is wanted, or choose another name.", kind),
	})(p.project.Locations().Resource(kind+"s", key)))
}

// observedNetwork finds a network by the labels of the project or by name, and an external network also by id.
func (p *scopeSteps) observedNetwork(key string) *observed.Network {
	config := p.model.Networks[key]
	var found []observed.Network
	for _, n := range p.snapshot.Networks {
		isExternal := bool(config.External)
		if n.Name == config.Name || isExternal && n.ID == config.Name || p.isProjectNetwork(&n, key) && !isExternal {
			found = append(found, n)
		}
	}
	if len(found) == 0 {
		return nil
	}
	best := slices.MinFunc(found, func(x, y observed.Network) int {
		return cmp.Or(-compareBool(x.Name == config.Name, y.Name == config.Name), cmp.Compare(x.Name, y.Name),
			x.CreatedAt.Compare(y.CreatedAt))
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

// macAddresses returns the hardware addresses of services in a network. The address of the service itself belongs to
// the main network.
func macAddresses(project *composeproject.Project, key string) map[string]string {
	all := map[string]string{}
	for _, name := range project.ServiceNames() {
		s, _ := project.Service(name)
		for i, other := range s.NetworksByPriority() {
			mac := ""
			if config := s.Networks[other]; config != nil {
				mac = config.MacAddress
			}
			if i == 0 {
				mac = cmp.Or(mac, s.MacAddress)
			}
			if other == key && mac != "" {
				all[name] = mac
			}
		}
	}
	return all
}

// planVolume plans a named volume of the project.
func (p *resourcePlanner) planVolume(key string) StepID {
	id := p.stepID("volume", key)
	if p.hasStep(id) {
		return id
	}
	config := p.model.Volumes[key]
	action := &Volume{
		Key: key, Name: config.Name, External: bool(config.External), Config: config,
		Labels: mustLabels(p.project.Labels().Volume(key)),
	}
	step := p.addStep(&Step{ID: id, Action: action, Verb: Create, Reason: because(ReasonNoResource)})
	i := slices.IndexFunc(p.snapshot.Volumes, func(v observed.Volume) bool { return v.Name == config.Name })
	switch {
	case i >= 0:
		existing := p.snapshot.Volumes[i]
		action.Exists, action.CreatedAt = true, existing.CreatedAt
		if action.External || p.isProjectVolume(existing, key) {
			step.decide(Reuse, existingVolumeReason(action, existing))
			p.warnAboutKeptData(action, existing)
		} else {
			p.reuseForeign(step, "volume", key, config.Name, resourceOwnerText(existing.Labels, composeproject.LabelVolume))
		}
	case action.External:
		step.Reason = because(ReasonExternalMissing)
	}
	p.useExistingVolume(step, action)
	return id
}

// warnAboutKeptData names a volume with another definition than in the compose file. Only a new volume would get the
// new definition, and the data would be lost.
func (p *resourcePlanner) warnAboutKeptData(a *Volume, existing observed.Volume) {
	if existingVolumeReason(a, existing) != ReasonDataKept {
		return
	}
	p.diags = append(p.diags, p.setSubject(&hcl.Diagnostic{
		Severity: hcl.DiagWarning, Summary: fmt.Sprintf("the new definition of volume %s has no effect", a.Key),
		Detail: fmt.Sprintf("Volume %s exists and keeps its data, with the driver, driver_opts and labels of its "+
			"creation. To apply the definition, remove the volume first: docker volume rm %s.", a.Name, a.Name),
	})(p.project.Locations().Resource("volumes", a.Key)))
}

func existingVolumeReason(a *Volume, existing observed.Volume) ReasonCode {
	switch {
	case a.External:
		return ReasonExternal
	case hashDiffers(existing.Labels, a.Labels):
		return ReasonDataKept
	}
	return ReasonExists
}
