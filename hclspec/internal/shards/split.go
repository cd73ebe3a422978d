package shards

import (
	"cmp"
	"container/heap"
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
	byLoad, shardOf := make(loads, count), map[string]int{}
	for i := range byLoad {
		byLoad[i].index = i // equal loads in this order are a heap
	}
	for _, item := range longestFirst {
		shortest := &byLoad[0]
		shortest.total += timeOf(item)
		shortest.count++
		shardOf[item] = shortest.index
		heap.Fix(byLoad, 0)
	}
	result := make([][]string, count)
	for _, item := range items {
		i := shardOf[item]
		result[i] = append(result[i], item)
	}
	return result
}

// load is the work of a shard so far.
type load struct {
	total        time.Duration
	count, index int
}

// loads is a heap with the shortest load first.
type loads []load

// Len implements [heap.Interface].
func (l loads) Len() int { return len(l) }

// Less implements [heap.Interface].
func (l loads) Less(i, j int) bool {
	a, b := l[i], l[j]
	return cmp.Or(cmp.Compare(a.total, b.total), cmp.Compare(a.count, b.count), cmp.Compare(a.index, b.index)) < 0
}

// Swap implements [heap.Interface].
func (l loads) Swap(i, j int) { l[i], l[j] = l[j], l[i] }

// Push and Pop implement [heap.Interface]. The number of shards does not change.
func (l loads) Push(any) { panic("shards: a new shard") }

// Pop implements [heap.Interface].
func (l loads) Pop() any { panic("shards: a shard less") }

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
