package planner

import (
	"cmp"
	"slices"
	"time"

	"tasks/internal/composeproject"
)

// duplicateNetworkAge is more than passes between the creation of a network and its maker's look whether it is the only one of its name.
const duplicateNetworkAge = 2 * time.Second

// duplicateNetworks are networks of the project that have the name of another one, and that no container is in. Engines before API 1.44
// make them; a run that makes one takes it back at once, unless it is killed. While they are there, nothing starts in
// either. Which of them stays is the same for all who look: the one that is used, else the oldest.
func (o *Snapshot) duplicateNetworks(containers []*ObservedContainer) []ObservedNetwork {
	useRank := func(n ObservedNetwork) int {
		for _, c := range containers {
			for _, id := range c.Networks {
				if id == n.ID {
					return 0
				}
			}
		}
		return 1
	}
	candidates := slices.DeleteFunc(slices.Clone(o.Networks), func(n ObservedNetwork) bool { return n.Labels[composeproject.LabelNetwork] == "" })
	slices.SortFunc(candidates, func(x, y ObservedNetwork) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(useRank(x), useRank(y)), x.CreatedAt.Compare(y.CreatedAt), cmp.Compare(x.ID, y.ID))
	})
	var duplicates []ObservedNetwork
	for i, n := range candidates {
		if i > 0 && n.Name == candidates[i-1].Name && useRank(n) != 0 && o.TakenAt.Sub(n.CreatedAt) >= duplicateNetworkAge {
			duplicates = append(duplicates, n)
		}
	}
	return duplicates
}
