package planner

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tasks/internal/composeproject"
)

// A container that takes another's place is made beside it under a temporary name: twelve digits of the other one's id, then
// the name that it gets once the other one is gone. Compose does the same. One whose maker has died before that is left over.

// temporaryNameDigits is how much of an id is in a temporary name.
const temporaryNameDigits = 12

// TemporaryName is that of a container while it takes the place of the one with an id.
func TemporaryName(id, final string) string {
	return id[:min(temporaryNameDigits, len(id))] + "_" + final
}

// finalName is the name that a container with a temporary one was to get; ok=false: the name is none.
func finalName(c *ObservedContainer) (final string, ok bool) {
	digits, final, _ := strings.Cut(c.Name, "_")
	ok = len(digits) == temporaryNameDigits && strings.Trim(digits, "0123456789abcdef") == "" && final != ""
	return final, ok && c.Labels[composeproject.LabelReplace] != ""
}

// replaceTimeout is longer than it takes to make a container, to end another one in order, and to take its place. Whoever has no
// lock in common with us (Compose, another checkout) may be at it for so long.
const replaceTimeout = 5 * time.Minute

// unfinishedReplacements are those of some containers of one service that were to take the place of another one of them, and have
// never been started.
func unfinishedReplacements(all []*ObservedContainer) []*ObservedContainer {
	unfinished := func(c *ObservedContainer) bool {
		_, temporary := finalName(c)
		return temporary && c.State == "created"
	}
	var found []*ObservedContainer
	for _, c := range all {
		holdsPosition := func(other *ObservedContainer) bool {
			// Of several that are all unfinished the oldest is the service's: what it was to replace is gone.
			first := unfinished(other) && cmp.Or(other.CreatedAt.Compare(c.CreatedAt), cmp.Compare(other.ID, c.ID)) < 0
			return other != c && containerNumber(other) == containerNumber(c) && (first || !unfinished(other))
		}
		if unfinished(c) && slices.ContainsFunc(all, holdsPosition) {
			found = append(found, c)
		}
	}
	return found
}

// serviceContainers are the containers of a service in the order of their numbers; one-offs are left out, and so is what was
// to take the place of one of them.
func (o *Snapshot) serviceContainers(service string) (serving, replacements []*ObservedContainer) {
	for _, c := range o.Containers {
		serves := c.Labels[composeproject.LabelOneOff] == composeproject.OneOffFalse && containerNumber(c) > 0
		if serves && c.Labels[composeproject.LabelService] == service {
			serving = append(serving, c)
		}
	}
	replacements = unfinishedReplacements(serving)
	serving = slices.DeleteFunc(serving, func(c *ObservedContainer) bool { return slices.Contains(replacements, c) })
	slices.SortStableFunc(serving, func(x, y *ObservedContainer) int { return containerNumber(x) - containerNumber(y) })
	return serving, replacements
}

// Replacement is a container whose maker has died before it had taken another one's place.
type Replacement struct {
	*ObservedContainer
	// Replaced is the other one, Instance how steps and locks call that.
	Replaced *ObservedContainer
	Replica  string
}

// interruptedReplacements are those that nobody is at work on, as far as a look can tell: our own checkout's notes tell of its runs, which
// hold a lock while they live; of others' only the time does.
func (o Ownership) interruptedReplacements(snapshot *Snapshot) []Replacement {
	var services []string
	for _, c := range snapshot.Containers {
		if _, temporary := finalName(c); temporary {
			services = append(services, c.Labels[composeproject.LabelService])
		}
	}
	var interrupted []Replacement
	for _, service := range unique(services) {
		serving, unfinished := snapshot.serviceContainers(service)
		for _, c := range unfinished {
			i := slices.IndexFunc(serving, func(other *ObservedContainer) bool { return containerNumber(other) == containerNumber(c) })
			if o.isOwnReplacement(serving[i], c) || snapshot.TakenAt.Sub(c.CreatedAt) > replaceTimeout {
				interrupted = append(interrupted, Replacement{ObservedContainer: c, Replaced: serving[i], Replica: replicaName(service, i)})
			}
		}
	}
	return interrupted
}

// isOwnReplacement says that a run of this checkout has made a container to take another's place.
func (o Ownership) isOwnReplacement(old, replacement *ObservedContainer) bool {
	return strings.HasPrefix(replacement.Name, TemporaryName(old.ID, "")) && o.IsReplacing != nil && o.IsReplacing(old.ID)
}

// HasTemporaryName says that a container has taken another's place, but still has its temporary name.
func (a *Container) HasTemporaryName(existing *ObservedContainer) bool {
	if existing == nil {
		return false
	}
	final, temporary := finalName(existing)
	return temporary && final == a.Name
}
