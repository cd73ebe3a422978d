package main

import (
	"time"

	"tasks/internal/owner"
	"tasks/planner"
)

// ownersWith are the owners where notes tell what labels cannot.
func ownersWith(names noted) planner.Owners {
	o := owners()
	o.Replacing, o.Left = names.has(replacingKind), names.has(leftKind)
	return o
}

// ownersOf are the owners for the end of a session: what is noted while it runs counts then.
func (a *app) ownersOf(root string) planner.Owners {
	o := owners()
	o.Left = func(id string) bool { return a.containerNotes(root).read().has(leftKind)(id) }
	return o
}

// owners tells this process's one-offs from those that a dead one has left.
func owners() planner.Owners {
	me, ok := owner.Self()
	if !ok {
		return planner.Owners{}
	}
	return planner.Owners{
		Self: me.String(),
		Dead: func(label string, age time.Duration) bool {
			of, ok := owner.Parse(label)
			if !ok {
				return false
			}
			fate := me.Fate(of, age)
			return fate == owner.Dead || fate == owner.Rebooted
		},
	}
}
