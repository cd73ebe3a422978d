package planner

import "strings"

// recreateNetworks adds the needs around recreated networks: one network after the other, because a container may be
// in several networks, and before all decisions about the containers in the network. The step of the network stops
// the running containers, and their own steps start them again.
func recreateNetworks(p *scopeSteps) {
	var last *Step
	for _, s := range p.order {
		a, ok := s.Action.(*Network)
		if !ok || !a.IsChanged {
			continue
		}
		if last != nil {
			s.addNeed(last.ID, "one network after the other", false)
		}
		last = s
		disconnectContainers(p, s, a)
	}
}

// disconnectContainers adds the recreate of a network to the steps of the containers in the network. Containers in the
// network namespace of such a container are also affected.
func disconnectContainers(p *scopeSteps, step *Step, a *Network) {
	for _, s := range p.order {
		removal, ok := s.Action.(*RemoveContainer)
		if ok && removal.Container.IsInNetwork(a.ExistingID, a.Name) {
			s.addNeed(step.ID, "its network is recreated", true)
		}
	}
	disconnected := map[string]bool{}
	isAffected := func(c *Container) bool {
		if disconnected[c.Replica] || c.Existing == nil {
			return false
		}
		return c.Existing.IsInNetwork(a.ExistingID, a.Name) || disconnected[p.networkNamespaceOf(c.Replica)]
	}
	for changed := true; changed; {
		changed = false
		for _, s := range p.order {
			c, ok := s.Action.(*Container)
			if !ok || !isAffected(c) {
				continue
			}
			changed, disconnected[c.Replica] = true, true
			s.addNeed(step.ID, "its network is recreated", false)
			markRestarted(p, c.Replica, a.Name)
		}
	}
}

// markRestarted plans the start of a running container after the recreate of a network, and repeats the waits.
func markRestarted(p *scopeSteps, replica, network string) {
	start := p.byID[p.startID(replica)]
	if start.Action.(*StartService).IsRunning {
		start.decide(Start, ReasonStoppedForNetwork, network)
		p.markWaitAgain(replica)
	}
}

// networkNamespaceOf returns the replica with the network namespace of a service's container. Empty: none.
func (p *scopeSteps) networkNamespaceOf(replica string) string {
	if other, shared := strings.CutPrefix(p.model.Services[ServiceOf(replica)].NetworkMode, "service:"); shared {
		return other
	}
	return ""
}
