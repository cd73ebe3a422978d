package planner

import (
	"fmt"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// Claim decides by Compose's labels on which containers a step may act. The name of a container proves nothing.
// Labels never change, so the labels of the snapshot are still valid during the run.
type Claim struct {
	// Project is the compose project. Original is the original project of covered private projects
	// ([observed.LabelOriginal]). Empty: no private project is covered.
	Project, Original string
	// Service and OneOff are label values. Empty: any value.
	Service, OneOff string
}

// ServiceClaim claims the containers of a service, without one-offs and hooks.
func ServiceClaim(project, service string) Claim {
	return Claim{Project: project, Service: service, OneOff: composeproject.OneOffFalse}
}

// OneOffClaim claims the one-offs of a project.
func OneOffClaim(project string) Claim {
	return Claim{Project: project, OneOff: composeproject.OneOffTrue}
}

// Covers reports whether the labels of a container match the claim.
func (c Claim) Covers(labels map[string]string) bool {
	switch {
	case c.Project == "":
		return false
	case c.Service != "" && labels[composeproject.LabelService] != c.Service:
		return false
	case c.OneOff != "" && labels[composeproject.LabelOneOff] != c.OneOff:
		return false
	}
	query := observed.Query{Project: c.Project, Original: c.Original}
	return labels[composeproject.LabelProject] == c.Project || query.IsRunResource(labels)
}

// Check returns a [ForeignError] for a container outside the claim.
func (c Claim) Check(found *observed.Container) error {
	if c.Covers(found.Labels) {
		return nil
	}
	return &ForeignError{Container: found}
}

// ForeignError reports a container of another owner. No step may act on the container.
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
	case !c.IsServiceContainer(): // a hook, or a container of another program
		return fmt.Sprintf("compose project %s, but not as a container of service %s", project, service)
	}
	return fmt.Sprintf("compose project %s, service %s", project, service)
}
