package planner

import (
	"fmt"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// planWait plans the wait for a condition of a replica.
func (p *servicePlanner) planWait(replica, service string, c hclspec.Condition, dependent string) StepID {
	id := p.waitID(replica, c)
	if p.hasStep(id) {
		return id
	}
	ready := p.readiness(service, c)
	// A snapshot does not know the result of a probe of the tasks file.
	met := isMet(p.existingOf(replica), c) && !ready.HasProbe()
	action := &WaitService{Replica: replica, Condition: c, Readiness: ready, IsMet: met}
	step := p.addStep(&Step{ID: id, Verb: Wait, Action: action})
	step.Reason = p.waitReason(service, c, ready).and(ReasonForDependent, dependent)
	if met {
		step.decide(Reuse, metReason(c))
	}
	step.addNeed(p.startID(replica), "started first", false)
	return id
}

// requireHealthcheck notes the lack of a healthcheck for a wait, before any service is started. The start checks an
// image of the run.
func (p *servicePlanner) requireHealthcheck(wait *WaitService, service string) {
	if wait.Condition != hclspec.Healthy || wait.IsMet || wait.Readiness.HasProbe() || p.isExternal() {
		return
	}
	s := p.model.Services[service]
	existing := p.existingOf(wait.Replica)
	if p.hasHealthcheck(s) || existing != nil && existing.HasHealthcheck {
		return
	}
	text := fmt.Sprintf("dependency service %s %s", wait.Replica, NeverHealthy)
	if place, _ := p.project.Locations().AttributeText(service); place != "" {
		text = place + ": " + text
	}
	_, isImageKnown := p.knownFacts().LocalImages[p.project.ImageName(s)]
	if isImageKnown || s.HealthCheck != nil && s.HealthCheck.Disable {
		wait.NeverMetError = text
	} else if start, ok := p.byID[p.startID(wait.Replica)].Action.(*StartService); ok {
		start.NoHealthcheckError = text
	}
}

// NeverHealthy is the failure of a service with neither a healthcheck nor a probe.
const NeverHealthy = "has no healthcheck and no `ready` probe, so that it can never be healthy: " +
	"give it one, or wait for service_started"

// readiness returns the `ready` block of a service, if the condition needs the block.
func (p *servicePlanner) readiness(service string, c hclspec.Condition) *hclspec.Readiness {
	if c == hclspec.Healthy || c == hclspec.Ready {
		return p.spec.Readiness[hclspec.FileScope(p.origin.FileScope)+service]
	}
	return nil
}

func (p *servicePlanner) waitReason(service string, c hclspec.Condition, ready *hclspec.Readiness) Reasons {
	switch {
	case !ready.HasProbe():
		return because(conditionReason(c))
	case p.hasHealthcheck(p.model.Services[service]):
		return because(ReasonUntilHealthyAndProbe, ready.ConditionText())
	default:
		return because(ReasonUntilProbe, ready.ConditionText())
	}
}

// hasHealthcheck reports whether a service or its image has a healthcheck. A missing image counts as without.
func (p *servicePlanner) hasHealthcheck(s types.ServiceConfig) bool {
	if h := s.HealthCheck; h != nil && (h.Disable || len(h.Test) > 0) {
		return !h.Disable && h.Test[0] != "NONE"
	}
	return p.snapshot.Images[p.project.ImageName(s)].HasHealthcheck
}

// isMet reports whether a container meets a condition.
func isMet(c *observed.Container, condition hclspec.Condition) bool {
	if c == nil {
		return false
	}
	switch condition {
	case hclspec.Completed:
		return c.State.HasExited() && c.ExitCode == 0
	case hclspec.Healthy:
		return c.State.IsRunning() && c.IsHealthy()
	default:
		return c.State.IsRunning() && (c.IsHealthy() || !c.HasHealthcheck)
	}
}

func conditionReason(c hclspec.Condition) ReasonCode {
	switch c {
	case hclspec.Completed:
		return ReasonUntilCompleted
	case hclspec.Healthy:
		return ReasonUntilHealthy
	default:
		return ReasonUntilReady
	}
}

func metReason(c hclspec.Condition) ReasonCode {
	switch c {
	case hclspec.Completed:
		return ReasonHasCompleted
	case hclspec.Healthy:
		return ReasonIsHealthy
	default:
		return ReasonIsReady
	}
}
