// Package faults is a campaign of random faults. Runs of a small project are killed, interrupted, or lose their engine
// at random times. After each case, a check looks for leftovers. The package has only tests. docs/faults.md describes
// longer campaigns than plain `go test`.
package faults
