package observed

import (
	"strings"

	"tasks/internal/composeproject"
)

// A container has its own labels and those of its image. An image made by `docker commit` has the labels of a container
// of Compose, and gives them to each container of the image, by whomever it is made.

// HasFittingName reports whether the name of a container fits its labels: the name that Compose or `tasks` chooses. The
// labels are the container's own then. A chosen name (container_name, --name) fits no labels.
func (c *Container) HasFittingName() bool {
	name := c.Name
	if final, isTemporary := c.FinalName(); isTemporary {
		name = final
	}
	project, service := c.Project(), c.Service()
	if slug := c.Labels[composeproject.LabelSlug]; len(slug) >= slugDigits {
		return strings.HasPrefix(name, project) && strings.HasSuffix(name, "run"+slugSeparator(name)+slug[:slugDigits])
	}
	if c.IsHelper() {
		service = c.Labels[LabelProbe]
	}
	return strings.HasPrefix(name, project+"-"+service+"-") || strings.HasPrefix(name, project+"_"+service+"_")
}

// hasReplicaName reports whether the name is that of a replica of the service. The labels of a one-off with this name
// are forged.
func (c *Container) hasReplicaName() bool {
	number, isPrefixed := strings.CutPrefix(c.Name, c.Project()+"-"+c.Service()+"-")
	return isPrefixed && c.Service() != "" && number != "" && strings.Trim(number, "0123456789") == ""
}

// slugDigits is the number of digits of a slug in the name of a one-off.
const slugDigits = 12

// slugSeparator is the character before the slug in the name of a one-off: "_" in names of docker-compose 1.
func slugSeparator(name string) string {
	if strings.LastIndexByte(name, '_') > strings.LastIndexByte(name, '-') {
		return "_"
	}
	return "-"
}

// OwnLabels returns the labels of a container without those of its image, if the container has its identity from the
// image: the slug of a one-off, the hash and the number of a replica. Otherwise the labels stay as they are.
func (c *Container) OwnLabels(image map[string]string) map[string]string {
	if c.HasFittingName() || !c.hasIdentityOf(image) {
		return c.Labels
	}
	own := map[string]string{}
	for key, value := range c.Labels {
		if inherited, isInherited := image[key]; !isInherited || inherited != value {
			own[key] = value
		}
	}
	return own
}

// hasIdentityOf reports whether the image has the same identity of a container.
func (c *Container) hasIdentityOf(image map[string]string) bool {
	for _, label := range []string{
		composeproject.LabelSlug, composeproject.LabelConfigHash, composeproject.LabelContainerNumber,
		composeproject.LabelHook, LabelProbe,
	} {
		if value := c.Labels[label]; value != "" {
			return image[label] == value
		}
	}
	return false
}
