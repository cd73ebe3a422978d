package planner

import (
	"fmt"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// Claim decides by Compose's labels on which containers, networks and volumes a step may act. A name proves nothing.
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
	case c.Service != "" && labels[composeproject.LabelService] != c.Service:
		return false
	case c.OneOff != "" && labels[composeproject.LabelOneOff] != c.OneOff:
		return false
	}
	return observed.IsComposeContainer(labels) && (c.isOfProject(labels) || c.query().IsRunResource(labels))
}

// isOfProject reports whether the labels of any resource name the project of the claim.
func (c Claim) isOfProject(labels map[string]string) bool {
	return c.Project != "" && labels[composeproject.LabelProject] == c.Project
}

// query finds the resources of runs. An empty claim covers none.
func (c Claim) query() observed.Query {
	if c.Project == "" {
		return observed.Query{}
	}
	return observed.Query{Project: c.Project, Original: c.Original}
}

// Check returns a [ForeignError] for a container outside the claim.
func (c Claim) Check(found *observed.Container) error {
	if c.Covers(found.Labels) {
		return nil
	}
	return &ForeignError{Resource: "container " + found.Name, Owner: ownerText(found)}
}

// CheckNetwork returns a [ForeignError] for a network outside the claim.
func (c Claim) CheckNetwork(n observed.Network) error {
	if c.isOfProject(n.Labels) || c.query().IsRunNetwork(n) {
		return nil
	}
	return &ForeignError{Resource: "network " + n.Name, Owner: resourceOwnerText(n.Labels, composeproject.LabelNetwork)}
}

// CheckVolume returns a [ForeignError] for a volume outside the claim. isAnonymous selects the anonymous volumes of
// the claim's containers: the engine gives them a name, and they have no labels.
func (c Claim) CheckVolume(v observed.Volume, isAnonymous bool) error {
	if isAnonymous && v.IsAnonymous() || c.isOfProject(v.Labels) || c.query().IsRunVolume(v) {
		return nil
	}
	return &ForeignError{Resource: "volume " + v.Name, Owner: resourceOwnerText(v.Labels, composeproject.LabelVolume)}
}

// ForeignError reports a resource of another owner. No step may act on the resource.
type ForeignError struct {
	// Resource is the kind and the name: "container pg". Owner names the compose project, if any.
	Resource, Owner string
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("%s belongs to %s", e.Resource, e.Owner)
}

// noProject is the owner of a resource without labels.
const noProject = "no compose project"

// ownerText names the compose project and the service of a container, for messages.
func ownerText(c *observed.Container) string {
	project, service := c.Project(), c.Service()
	switch {
	case project == "":
		return noProject
	case service == "":
		return "compose project " + project
	case c.IsOneOff():
		return fmt.Sprintf("compose project %s, as a one-off of service %s", project, service)
	case !c.IsServiceContainer(): // a hook, or a container of another program
		return fmt.Sprintf("compose project %s, but not as a container of service %s", project, service)
	}
	return fmt.Sprintf("compose project %s, service %s", project, service)
}

// resourceOwnerText names the compose project of a network or volume, and the key in the compose file.
func resourceOwnerText(labels map[string]string, keyLabel string) string {
	project, key := labels[composeproject.LabelProject], labels[keyLabel]
	switch {
	case project == "":
		return noProject
	case key == "":
		return "compose project " + project
	}
	return fmt.Sprintf("compose project %s, as %s", project, key)
}
