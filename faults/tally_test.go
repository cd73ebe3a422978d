//go:build linux

package faults

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// tally counts what a campaign has tried, by kind. Safe for concurrent use.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

// newTally returns a tally, and prints it at the end of the test.
func newTally(t *testing.T) *tally {
	c := &tally{counts: map[string]int{}}
	t.Cleanup(func() { t.Log(c) })
	return c
}

func (c *tally) add(kinds ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, kind := range kinds {
		c.counts[kind]++
	}
}

func (c *tally) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := []string{"tried:"}
	for _, kind := range slices.Sorted(maps.Keys(c.counts)) {
		lines = append(lines, fmt.Sprintf("%5d %s", c.counts[kind], kind))
	}
	return strings.Join(lines, "\n")
}
