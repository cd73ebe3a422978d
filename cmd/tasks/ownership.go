package main

import (
	"time"

	"tasks/internal/owner"
	"tasks/planner"
)

// OwnershipFrom are the owners where notes tell what labels cannot.
func OwnershipFrom(entries EntryNames) planner.Ownership {
	o := CurrentOwnership()
	o.Replacing, o.IsDetached = entries.idsOf(replacingKind), entries.recordedAs(detachedKind)
	return o
}

// sessionOwnership are the owners for the end of a session: what is noted while it runs counts then.
func (a *app) sessionOwnership(root string) planner.Ownership {
	o := CurrentOwnership()
	o.IsDetached = func(id string) bool { return a.containerJournal(root).Entries().recordedAs(detachedKind)(id) }
	return o
}

// CurrentOwnership tells this process's one-offs from those that a dead one has left.
func CurrentOwnership() planner.Ownership {
	self, ok := owner.CurrentOwner()
	if !ok {
		return planner.Ownership{}
	}
	return planner.Ownership{
		Self: self.String(),
		IsDead: func(label string, age time.Duration) bool {
			owned, ok := owner.ParseOwner(label)
			if !ok {
				return false
			}
			liveness := self.LivenessOf(owned, age)
			return liveness == owner.LivenessDead || liveness == owner.LivenessRebooted
		},
	}
}
