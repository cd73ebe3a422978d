package planner

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// A plan of ten times as many tasks may allocate a little more than ten times as much. Time is not measured:
// machines differ.
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

// The plan of all tasks, for the errors of `tasks validate`, grows equally.
func TestValidationGrowsWithTheTasks(t *testing.T) {
	few, many := validation(t, 300), validation(t, 3000)
	if grown := float64(many) / float64(few); grown > 15 {
		t.Errorf("ten times as many tasks allocate %.0f times as much", grown)
	}
}

// validation measures the allocations for the check of a chain.
func validation(t *testing.T, n int) uint64 {
	t.Helper()
	return allocated(func() {
		file := parsed(t, n, func(i, _ int) []int { return before(i, 1) })
		spec, diags := file.Validate(hclspec.Inputs{})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if _, diags := Build(Input{Spec: spec, IsOffline: true}); diags.HasErrors() {
			t.Fatal(diags)
		}
	})
}

// The plan of tasks with one missing image grows equally: each task may make the image of the next task.
func TestPlansWithMissingImagesGrowWithTheirTasks(t *testing.T) {
	p := load(t, "services: {web: {image: w, depends_on: [db]}, db: {image: d}}", "web")
	plan := func(n int) uint64 {
		tasks := []*hclspec.Task{serviceTask("t0", "web")}
		for i := 1; i < n; i++ {
			tasks = append(tasks, serviceTask(fmt.Sprintf("t%d", i), "web", onTask(fmt.Sprintf("t%d", i-1))))
		}
		s := spec(tasks...)
		s.Targets = []string{tasks[n-1].Name}
		return allocated(func() { mustBuild(t, Input{Spec: s, Project: p, Snapshot: &observed.Snapshot{}}) })
	}
	if grown := float64(plan(3000)) / float64(plan(300)); grown > 15 {
		t.Errorf("ten times as many tasks allocate %.0f times as much", grown)
	}
}

// allocated measures the memory allocated by a function.
func allocated(do func()) uint64 {
	var from, to runtime.MemStats
	runtime.ReadMemStats(&from)
	do()
	runtime.ReadMemStats(&to)
	return to.TotalAlloc - from.TotalAlloc
}

// before returns up to n numbers before a number.
func before(i, most int) []int {
	var all []int
	for n := max(0, i-most); n < i; n++ {
		all = append(all, n)
	}
	return all
}

// cost measures the allocations for reading, evaluating, planning and rendering tasks.
func cost(t *testing.T, n int, needs func(i, n int) []int) uint64 {
	t.Helper()
	return allocated(func() {
		spec, diags := parsed(t, n, needs).Evaluate(hclspec.Inputs{}, []hclspec.Target{{Name: fmt.Sprintf("t%d", n-1)}})
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
	})
}

func parsed(t *testing.T, n int, needs func(i, n int) []int) *hclspec.File {
	t.Helper()
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "task \"t%d\" {\n  command    = [\"true\"]\n  depends_on = [", i)
		for _, d := range needs(i, n) {
			fmt.Fprintf(&text, "task.t%d, ", d)
		}
		text.WriteString("]\n}\n")
	}
	file, diags := hclspec.Parse([]hclspec.Source{{Name: "Tasks.hcl", Bytes: []byte(text.String())}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return file
}
