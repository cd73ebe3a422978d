package observed

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tasks/internal/composeproject"
)

// A recreate creates the replacement beside the replaced container, under a temporary name: twelve digits of the
// replaced container's id and the final name. Compose does the same. A death before the rename leaves the replacement
// behind.

// temporaryNameDigits is the number of id digits in a temporary name.
const temporaryNameDigits = 12

// TemporaryName is the name of a replacement before the rename. id is the id of the replaced container.
func TemporaryName(id, final string) string {
	return id[:min(temporaryNameDigits, len(id))] + "_" + final
}

// FinalName returns the name of a replacement after the rename. ok reports whether the container has a temporary name.
func (c *Container) FinalName() (final string, ok bool) {
	digits, final, _ := strings.Cut(c.Name, "_")
	ok = len(digits) == temporaryNameDigits && strings.Trim(digits, hexDigits) == "" && final != ""
	return final, ok && c.Labels[composeproject.LabelReplace] != ""
}

// replaceTimeout is longer than a recreate: create, graceful stop, rename. Processes without a common lock (Compose,
// another checkout) may be at work for this time.
const replaceTimeout = 5 * time.Minute

// isUnfinished reports whether a container has a temporary name and was never started.
func (c *Container) isUnfinished() bool {
	_, isTemporary := c.FinalName()
	return isTemporary && c.State.IsCreated()
}

// unfinishedReplacements returns the unfinished replacements among the containers of a service, where the number of the
// replacement belongs to another container.
func unfinishedReplacements(all []*Container) []*Container {
	var found []*Container
	for _, c := range all {
		holdsPosition := func(other *Container) bool {
			// Of several unfinished replacements the oldest is the service's container: the replaced container is gone.
			isFirst := cmp.Or(other.CreatedAt.Compare(c.CreatedAt), cmp.Compare(other.ID, c.ID)) < 0
			return other != c && other.Number() == c.Number() && (!other.isUnfinished() || isFirst)
		}
		if c.isUnfinished() && slices.ContainsFunc(all, holdsPosition) {
			found = append(found, c)
		}
	}
	return found
}

// ServiceContainers returns the containers of a service, ordered by number. One-offs and unfinished replacements are
// left out.
func (s *Snapshot) ServiceContainers(service string) []*Container {
	serving, _ := s.splitReplacements(service)
	return serving
}

// splitReplacements returns the containers of a service, ordered by number, and the unfinished replacements.
func (s *Snapshot) splitReplacements(service string) (serving, replacements []*Container) {
	for _, c := range s.Containers {
		if c.IsServiceContainer() && c.Number() > 0 && c.Service() == service {
			serving = append(serving, c)
		}
	}
	replacements = unfinishedReplacements(serving)
	serving = without(serving, replacements)
	slices.SortStableFunc(serving, func(x, y *Container) int { return x.Number() - y.Number() })
	return serving, replacements
}

// Replacement is an unfinished replacement of a dead process.
type Replacement struct {
	*Container
	Replaced *Container
	// Index is the index of the replaced container among the containers of its service.
	Index int
}

// interruptedReplacements returns the unfinished replacements without a process at work. The records of this checkout
// show the runs of this checkout: live runs hold a lock. For other processes only the time decides.
func (o Ownership) interruptedReplacements(snapshot *Snapshot) []Replacement {
	var services []string
	for _, c := range snapshot.Containers {
		if _, isTemporary := c.FinalName(); isTemporary {
			services = append(services, c.Service())
		}
	}
	var interrupted []Replacement
	for _, service := range Unique(services) {
		serving, unfinished := snapshot.splitReplacements(service)
		for _, c := range unfinished {
			i := slices.IndexFunc(serving, func(other *Container) bool { return other.Number() == c.Number() })
			if o.isOwnReplacement(serving[i], c) || snapshot.TakenAt.Sub(c.CreatedAt) > replaceTimeout {
				interrupted = append(interrupted, Replacement{Container: c, Replaced: serving[i], Index: i})
			}
		}
	}
	return interrupted
}

// isOwnReplacement reports whether a run of this checkout created the replacement of a container.
func (o Ownership) isOwnReplacement(old, replacement *Container) bool {
	return strings.HasPrefix(replacement.Name, TemporaryName(old.ID, "")) && o.Replacing[old.ID]
}
