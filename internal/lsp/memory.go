package lsp

import "runtime/debug"

// The limits of the heap. A short command collects rarely; a server lives as long as the editor, and must stay small.
// With a smaller growth than this, a third of the time of a validation is spent on collections.
const (
	heapGrowthPercent = 200
	heapLimit         = 60 << 20
)

// LimitMemory makes the garbage collector of the program keep the heap small.
func LimitMemory() {
	debug.SetGCPercent(heapGrowthPercent)
	debug.SetMemoryLimit(heapLimit)
}
