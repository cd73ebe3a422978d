package planner

import (
	"fmt"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// Claim says which containers a step may act on, by Compose's labels. The name of a container proves nothing.
// Labels never change, so the labels of a look still hold when the step acts.
type Claim struct {
	// Project is the compose project. Original is the project that private copies name in [observed.LabelOriginal]; empty: no copy
	// counts.
	Project, Original string
	// Service and OneOff are the values of their labels; empty: any.
	Service, OneOff string
}

// ServiceClaim is the claim on the containers of a service, without one-offs and hooks.
func ServiceClaim(project, service string) Claim {
	return Claim{Project: project, Service: service, OneOff: composeproject.OneOffFalse}
}

// OneOffClaim is the claim on the one-offs of a project.
func OneOffClaim(project string) Claim {
	return Claim{Project: project, OneOff: composeproject.OneOffTrue}
}

// Covers reports whether the labels of a container are those of the claim.
func (c Claim) Covers(labels map[string]string) bool {
	switch {
	case c.Project == "":
		return false
	case c.Service != "" && labels[composeproject.LabelService] != c.Service:
		return false
	case c.OneOff != "" && labels[composeproject.LabelOneOff] != c.OneOff:
		return false
	}
	return labels[composeproject.LabelProject] == c.Project || observed.Query{Project: c.Project, Original: c.Original}.IsRunResource(labels)
}

// Check refuses a container of others with a [ForeignError].
func (c Claim) Check(found *observed.Container) error {
	if c.Covers(found.Labels) {
		return nil
	}
	return &ForeignError{Container: found}
}

// ForeignError is a container that a step must not act on, because others own the container.
type ForeignError struct{ Container *observed.Container }

func (e *ForeignError) Error() string {
	return fmt.Sprintf("container %s belongs to %s", e.Container.Name, ownerText(e.Container))
}

// ownerText names the compose project and the service of a container, for messages.
func ownerText(c *observed.Container) string {
	project, service := c.Project(), c.Service()
	switch {
	case project == "":
		return "no compose project"
	case service == "":
		return "compose project " + project
	case c.IsOneOff():
		return fmt.Sprintf("compose project %s, as a one-off of service %s", project, service)
	case !c.IsServiceContainer(): // a hook, or the work of another program
		return fmt.Sprintf("compose project %s, but not as a container of service %s", project, service)
	}
	return fmt.Sprintf("compose project %s, service %s", project, service)
}
