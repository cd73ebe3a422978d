package planner

import (
	"cmp"
	"strings"
)

// recreateNetworks fits in what happens around networks that are made anew: one after the other, as a container may be on
// several, and before anything is decided about the containers on them. Those of them that run are stopped meanwhile, by
// the network's step, and started again by their own.
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

// disconnectContainers says at the containers of a network what its renewal does to them.
func disconnectContainers(p *scopeSteps, step *Step, a *Network) {
	for _, s := range p.order {
		if removal, ok := s.Action.(*RemoveContainer); ok && removal.Container.IsInNetwork(a.ExistingID, a.Name) {
			s.addNeed(step.ID, "its network is made anew", true)
		}
	}
	disconnected := map[string]bool{}
	for changed := true; changed; {
		changed = false
		for _, s := range p.order {
			c, ok := s.Action.(*Container)
			if !ok || disconnected[c.Replica] || c.Existing == nil || !c.Existing.IsInNetwork(a.ExistingID, a.Name) && !disconnected[p.networkNamespaceOf(c.Replica)] {
				continue
			}
			changed, disconnected[c.Replica] = true, true
			s.addNeed(step.ID, "its network is made anew", false)
			p.markRestarted(c.Replica, "it is stopped while network "+a.Name+" is made anew")
		}
	}
}

// markRestarted shows that a container that runs now will be started, and what waits for it will wait.
func (p *scopeSteps) markRestarted(replica, reason string) {
	start := p.byID[p.startID(replica)]
	if start.Action.(*StartService).IsRunning {
		start.Verb, start.Reason = Start, reason
		p.markWaitAgain(replica)
	}
}

// networkNamespaceOf is the instance whose network namespace a service's container has; empty: none.
func (p *scopeSteps) networkNamespaceOf(replica string) string {
	if other, shared := strings.CutPrefix(p.model.Services[ServiceOf(replica)].NetworkMode, "service:"); shared {
		return other
	}
	return ""
}

// macAddresses are those that services want in a network. That of a service itself is for its main network.
func (p *resourcePlanner) macAddresses(key string) map[string]string {
	all := map[string]string{}
	for _, name := range p.project.ServiceNames() {
		s, _ := p.project.Service(name)
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
