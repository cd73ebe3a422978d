package workspace

import (
	"tasks/internal/coord"
	"tasks/planner/observed"
)

// CurrentOwnership returns the ownership as the labels alone tell: of this process, and of dead processes.
func CurrentOwnership() observed.Ownership {
	self, ok := coord.CurrentOwner()
	if !ok {
		return observed.Ownership{}
	}
	return observed.Ownership{Self: self.String(), IsDead: self.IsDead, IsAlive: self.IsAlive}
}

// OwnershipFrom returns the ownership as labels and the entries of the journal tell.
func OwnershipFrom(entries coord.ContainerEntries) observed.Ownership {
	o := CurrentOwnership()
	o.Replacing = entries.IDs(coord.ReplacingEntry)
	o.IsDetached = func(id string) bool { return entries.Has(coord.DetachedEntry, id) }
	return o
}

// SessionOwnership returns the ownership for the end of a session. Entries count that the session writes
// until then.
func SessionOwnership(journal *coord.Journal) observed.Ownership {
	o := CurrentOwnership()
	o.IsDetached = func(id string) bool { return journal.ContainerEntries().Has(coord.DetachedEntry, id) }
	return o
}
