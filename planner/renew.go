package planner

import (
	"cmp"
	"strings"
)

// renewNetworks fits in what happens around networks that are made anew: one after the other, as a container may be on
// several, and before anything is decided about the containers on them. Those of them that run are stopped meanwhile, by
// the network's step, and started again by their own.
func (b *builder) renewNetworks() {
	var last *Step
	for _, s := range b.order {
		a, ok := s.Action.(*Network)
		if !ok || !a.Changed {
			continue
		}
		if last != nil {
			s.need(last.ID, "one network after the other", false)
		}
		last = s
		b.takeOff(s, a)
	}
}

// takeOff says at the containers of a network what its renewal does to them.
func (b *builder) takeOff(step *Step, a *Network) {
	for _, s := range b.order {
		if orphan, ok := s.Action.(*RemoveOrphan); ok && orphan.Have.on(a) {
			s.need(step.ID, "its network is made anew", true)
		}
	}
	off := map[string]bool{}
	for changed := true; changed; {
		changed = false
		for _, s := range b.order {
			c, ok := s.Action.(*Container)
			if !ok || off[c.Service] || c.Have == nil || !c.Have.on(a) && !off[b.sharedWith(c.Service)] {
				continue
			}
			changed, off[c.Service] = true, true
			s.need(step.ID, "its network is made anew", false)
			b.startAgain(c.Service, "it is stopped while network "+a.Name+" is made anew")
		}
	}
}

// startAgain shows that a container that runs now will be started, and what waits for it will wait.
func (b *builder) startAgain(instance, reason string) {
	start := b.steps[b.startID(instance)]
	if start.Action.(*StartService).Running {
		start.Verb, start.Reason = Start, reason
		b.waitAgain(instance)
	}
}

// sharedWith is the instance whose network namespace a service's container has; empty: none.
func (b *builder) sharedWith(instance string) string {
	if other, shared := strings.CutPrefix(b.model.Services[ServiceOf(instance)].NetworkMode, "service:"); shared {
		return other
	}
	return ""
}

// on says whether a container is on a network, as far as the snapshot tells.
func (c *ObservedContainer) on(n *Network) bool {
	for name, id := range c.Networks {
		if id == n.ExistingID || id == "" && name == n.Name {
			return true
		}
	}
	return false
}

// hardwareAddresses are those that services want in a network. That of a service itself is for its main network.
func (b *builder) hardwareAddresses(key string) map[string]string {
	all := map[string]string{}
	for _, name := range b.in.Project.ServiceNames() {
		s, _ := b.in.Project.Service(name)
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
