package planner

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"tasks/hclspec"
)

// A plan of ten times as many tasks may allocate ten times as much, and a little more. Time is not asked: machines differ.
func TestPlansGrowWithTheirTasks(t *testing.T) {
	for name, needs := range map[string]func(i, n int) []int{
		"chain": func(i, _ int) []int { return before(i, 1) },
		"fan":   func(i, n int) []int { return before(i, i/(n-1)*i) },
		"rows":  func(i, _ int) []int { return before(i, 5) },
	} {
		t.Run(name, func(t *testing.T) {
			few, many := cost(t, 300, needs), cost(t, 3000, needs)
			if grown := float64(many) / float64(few); grown > 15 {
				t.Errorf("ten times as many tasks allocate %.0f times as much", grown)
			}
		})
	}
}

// before are the numbers of up to so many tasks before one.
func before(i, most int) []int {
	var all []int
	for n := max(0, i-most); n < i; n++ {
		all = append(all, n)
	}
	return all
}

// cost is what reading, evaluating, planning and telling of tasks allocates.
func cost(t *testing.T, n int, needs func(i, n int) []int) uint64 {
	t.Helper()
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "task \"t%d\" {\n  command    = [\"true\"]\n  depends_on = [", i)
		for _, d := range needs(i, n) {
			fmt.Fprintf(&text, "task.t%d, ", d)
		}
		text.WriteString("]\n}\n")
	}
	var from, to runtime.MemStats
	runtime.ReadMemStats(&from)
	file, diags := hclspec.Parse([]hclspec.Source{{Name: "Tasks.hcl", Bytes: []byte(text.String())}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	spec, diags := file.Evaluate(hclspec.Inputs{}, []hclspec.Target{{Name: fmt.Sprintf("t%d", n-1)}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	plan, diags := Build(Input{Spec: spec})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if lines := strings.Count(plan.String(), "\n"); lines != n {
		t.Fatalf("%d steps, want %d", lines, n)
	}
	runtime.ReadMemStats(&to)
	return to.TotalAlloc - from.TotalAlloc
}
