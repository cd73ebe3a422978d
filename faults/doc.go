// Package faults is a campaign: runs of a small project that are killed, interrupted, and robbed of their engine at random
// moments, and a look after each at what is left. It has tests only. docs/faults.md tells how to run more of it than a
// plain `go test` does.
package faults
