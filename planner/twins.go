package planner

import (
	"cmp"
	"slices"
	"time"

	"tasks/internal/composeproject"
)

// twinAge is more than passes between the creation of a network and its maker's look whether it is the only one of its name.
const twinAge = 2 * time.Second

// twins are networks of the project that have the name of another one, and that no container is in. Engines before API 1.44
// make them; a run that makes one takes it back at once, unless it is killed. While they are there, nothing starts in
// either. Which of them stays is the same for all who look: the one that is used, else the oldest.
func (o *Observed) twins(containers []*ObservedContainer) []ObservedNetwork {
	used := func(n ObservedNetwork) int {
		for _, c := range containers {
			for _, id := range c.Networks {
				if id == n.ID {
					return 0
				}
			}
		}
		return 1
	}
	own := slices.DeleteFunc(slices.Clone(o.Networks), func(n ObservedNetwork) bool { return n.Labels[composeproject.LabelNetwork] == "" })
	slices.SortFunc(own, func(x, y ObservedNetwork) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(used(x), used(y)), x.Created.Compare(y.Created), cmp.Compare(x.ID, y.ID))
	})
	var twins []ObservedNetwork
	for i, n := range own {
		if i > 0 && n.Name == own[i-1].Name && used(n) != 0 && o.Taken.Sub(n.Created) >= twinAge {
			twins = append(twins, n)
		}
	}
	return twins
}
