package observed

import (
	"strings"

	"tasks/internal/composeproject"
)

// Anybody with access to the engine can give a resource any label. So labels count only where they fit each other, and
// fit the name.

// privateDigits is the number of digits in the name of a private project, after the name of the original project.
const privateDigits = 8

// PrivateName returns the name of a private project: the name of the original, and the first digits of a slug.
func PrivateName(original, slug string) string { return original + "-" + slug[:privateDigits] }

// isOfPrivateProject reports whether the labels name a private project and its original project.
func isOfPrivateProject(labels map[string]string) bool {
	original := labels[LabelOriginal]
	digits, isPrefixed := strings.CutPrefix(labels[composeproject.LabelProject], original+"-")
	return original != "" && isPrefixed && len(digits) == privateDigits && strings.Trim(digits, hexDigits) == ""
}

// hasFittingName reports whether the name of a network or volume of a private project is the name of the project and
// the key in the compose file. Resources of other projects may have any name.
func hasFittingName(name string, labels map[string]string, keyLabel string) bool {
	if labels[LabelOriginal] == "" {
		return true
	}
	key, isPrefixed := strings.CutPrefix(name, labels[composeproject.LabelProject]+"_")
	declared, hasKey := labels[keyLabel]
	return isPrefixed && (!hasKey || declared == key)
}

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
		helper := c.Labels[LabelProbe]
		return strings.HasPrefix(name, project+"-"+helper+"-") || strings.HasPrefix(name, project+"_"+helper+"_")
	}
	for _, separator := range []string{"-", "_"} {
		rest, isPrefixed := strings.CutPrefix(name, project+separator+service+separator)
		rest = strings.TrimPrefix(rest, composeproject.HookPreStart+separator)
		if isPrefixed && isNumber(rest) {
			return true
		}
	}
	return false
}

func isNumber(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// hasReplicaName reports whether the name is that of a replica of the service. The labels of a one-off with this name
// are forged.
func (c *Container) hasReplicaName() bool {
	number, isPrefixed := strings.CutPrefix(c.Name, c.Project()+"-"+c.Service()+"-")
	return isPrefixed && c.Service() != "" && isNumber(number)
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

// NeedsImageLabels reports whether labels may come from the image. A committed image gives the labels of a process
// even to a container with the name of a replica.
func (c *Container) NeedsImageLabels() bool {
	if !IsComposeContainer(c.Labels) {
		return false
	}
	return !c.HasFittingName() || c.IsTransient()
}

// OwnLabels returns the labels of a container without those of its image, if the container has its identity from the
// image: the slug of a one-off, the hash and the number of a replica. Otherwise the labels of Compose stay. The labels
// of `tasks` stay only if the process in these labels is not the process in the labels of the image.
func (c *Container) OwnLabels(image map[string]string) map[string]string {
	isCopy := !c.HasFittingName() && c.hasIdentityOf(image)
	hasProcessOfImage := c.hasProcessOf(image)
	if !isCopy && !hasProcessOfImage {
		return c.Labels
	}
	own := map[string]string{}
	for key, value := range c.Labels {
		inherited, isInherited := image[key]
		isDoubtful := isCopy || strings.HasPrefix(key, labelPrefix)
		if !isDoubtful || !isInherited || inherited != value {
			own[key] = value
		}
	}
	return own
}

// hasProcessOf reports whether the image names the same process.
func (c *Container) hasProcessOf(image map[string]string) bool {
	for _, label := range []string{LabelOwner, LabelStarter} {
		if value := c.Labels[label]; value != "" {
			return image[label] == value
		}
	}
	return false
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
