package lsp

import "runtime/debug"

// The limits of the heap. A short command collects rarely; a server lives as long as the editor, and must stay small.
const (
	heapGrowthPercent = 50
	heapLimit         = 60 << 20
)

// LimitMemory makes the garbage collector of the program keep the heap small.
func LimitMemory() {
	debug.SetGCPercent(heapGrowthPercent)
	debug.SetMemoryLimit(heapLimit)
}
