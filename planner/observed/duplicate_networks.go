package observed

import (
	"cmp"
	"slices"
	"time"

	"tasks/internal/composeproject"
)

// duplicateNetworkAge is longer than the time from the creation of a network to its creator's check for a duplicate.
const duplicateNetworkAge = 2 * time.Second

// duplicateNetworks returns empty networks of the project that share a name with another network. Engines before API
// 1.44 allow duplicates. A run removes its own duplicate at once, unless the run is killed before that. Until then no
// container starts in either network. All processes keep the same network: the network in use, else the oldest.
func (s *Snapshot) duplicateNetworks(usage Usage) []Network {
	useRank := func(n Network) int {
		if usage.hasMemberByID(n) {
			return 0
		}
		return 1
	}
	candidates := slices.DeleteFunc(slices.Clone(s.Networks), func(n Network) bool {
		return n.Labels[composeproject.LabelNetwork] == ""
	})
	slices.SortFunc(candidates, func(x, y Network) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(useRank(x), useRank(y)),
			x.CreatedAt.Compare(y.CreatedAt), cmp.Compare(x.ID, y.ID))
	})
	var duplicates []Network
	for i, n := range candidates {
		isDuplicate := i > 0 && n.Name == candidates[i-1].Name && useRank(n) != 0
		if isDuplicate && s.TakenAt.Sub(n.CreatedAt) >= duplicateNetworkAge {
			duplicates = append(duplicates, n)
		}
	}
	return duplicates
}

// hasMemberByID reports whether a container is in a network, by the network id alone: names are ambiguous here.
func (u Usage) hasMemberByID(n Network) bool {
	return slices.ContainsFunc(u.Containers, func(c *Container) bool {
		for _, id := range c.Networks {
			if id == n.ID {
				return true
			}
		}
		return false
	})
}
