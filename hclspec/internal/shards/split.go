package shards

import (
	"cmp"
	"slices"
	"time"
)

// MaxCount limits the number of shards (docs/language.md). Each shard is a task run.
const MaxCount = 1000

// Split divides items among shards, and returns the items of each shard in the given order. The longest item goes
// first, to the shard with the shortest total. An item without a time counts as an average item. Without any times, all
// shards have equal numbers of items. The same items and times give the same result on every machine, in any order of
// the items.
func Split(items []string, times map[string]time.Duration, count int) [][]string {
	unknown := averageTime(items, times)
	timeOf := func(item string) time.Duration {
		if known, isKnown := times[item]; isKnown {
			return known
		}
		return unknown
	}
	longestFirst := slices.Clone(items)
	slices.SortFunc(longestFirst, func(a, b string) int {
		return cmp.Or(cmp.Compare(timeOf(b), timeOf(a)), cmp.Compare(a, b))
	})
	totals, counts, shardOf := make([]time.Duration, count), make([]int, count), map[string]int{}
	for _, item := range longestFirst {
		best := 0
		for i := range count {
			if cmp.Or(cmp.Compare(totals[i], totals[best]), cmp.Compare(counts[i], counts[best])) < 0 {
				best = i
			}
		}
		totals[best] += timeOf(item)
		counts[best]++
		shardOf[item] = best
	}
	result := make([][]string, count)
	for _, item := range items {
		i := shardOf[item]
		result[i] = append(result[i], item)
	}
	return result
}

// averageTime is the average of the known times, or one second without known times.
func averageTime(items []string, times map[string]time.Duration) time.Duration {
	total, known := time.Duration(0), 0
	for _, item := range items {
		if t, isKnown := times[item]; isKnown {
			total += t
			known++
		}
	}
	if known == 0 {
		return time.Second
	}
	return total / time.Duration(known)
}
