package config

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/diag"
)

// edge is the need of a name for another name, with the place of the need.
type edge struct {
	from, to string
	at       hcl.Range
}

// checkCycles reports each cycle of locals and functions, and of tasks. The message shows a shortest path.
func (c *cycleReporter) checkCycles() {
	var locals, tasks []string
	needs := map[string][]edge{}
	for _, l := range c.file.Locals() {
		from := l.String()
		locals = append(locals, from)
		needs[from] = edgesOf(from, l.Refs)
	}
	summary := "locals use each other in a cycle"
	for _, m := range c.file.Modules {
		for _, f := range m.Functions {
			if f.Result != nil {
				from := f.String()
				locals = append(locals, from)
				needs[from] = edgesOf(from, f.Result.Refs)
				summary = "locals and functions use each other in a cycle"
			}
		}
	}
	taskSummary := "tasks depend on each other in a cycle"
	for _, t := range c.file.Tasks {
		from := MemberAccess("task", t.Name)
		tasks = append(tasks, from)
		for _, dep := range t.Dependencies() {
			if dep.Task != "" {
				needs[from] = append(needs[from], edge{from: from, to: MemberAccess("task", DeclaredName(dep.Task)), at: dep.Range})
			}
		}
		for _, finallyTask := range t.Finally {
			needs[from] = append(needs[from], edge{from: from, to: MemberAccess("task", DeclaredName(finallyTask.Task)),
				at: finallyTask.Range})
			taskSummary = "tasks depend on, or follow, each other in a cycle"
		}
	}
	c.reportCycles(summary, "Take one of these uses out.", locals, needs)
	c.reportCycles(taskSummary, "Take one of these dependencies out.", tasks, needs)
}

// edgesOf returns the uses of locals and functions among references.
func edgesOf(from string, refs []Reference) []edge {
	var edges []edge
	for _, ref := range refs {
		if ref.definition() != nil {
			edges = append(edges, edge{from: from, to: ref.Module.qualifiedName(ref.String()), at: ref.Range})
		}
	}
	return edges
}

func (c *cycleReporter) reportCycles(summary, advice string, names []string, needs map[string][]edge) {
	seen := map[string]bool{}
	candidates := cycleCandidates(names, needs)
	for _, name := range names {
		if seen[name] || !candidates[name] {
			continue
		}
		path := shortestCycle(name, needs)
		if path == nil {
			continue
		}
		var lines []diag.Text
		for _, e := range path {
			seen[e.from] = true
			lines = append(lines, diag.Textf("%s → %s at %s", e.from, e.to, diag.Place(e.at)))
		}
		c.file.IsUnevaluable, c.file.HasCycle = true, true // its members need each other without an end
		d := diag.ErrorAt(path[0].at, summary, "%s\n%s", diag.Join(lines, "\n"), advice)
		diag.SetKind(d, diag.Cycle{})
		c.report(d)
	}
}

// shortestCycle returns a shortest path from a name back to the name, or nil.
func shortestCycle(name string, needs map[string][]edge) []edge {
	// reachedBy holds the edge of the first visit to each name.
	reachedBy := map[string]edge{}
	queue := []string{name}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, e := range needs[at] {
			if _, reached := reachedBy[e.to]; reached {
				continue
			}
			reachedBy[e.to] = e
			queue = append(queue, e.to)
		}
		if _, isClosed := reachedBy[name]; isClosed {
			break
		}
	}
	last, isClosed := reachedBy[name]
	if !isClosed {
		return nil
	}
	path := []edge{last}
	for path[len(path)-1].from != name {
		path = append(path, reachedBy[path[len(path)-1].from])
	}
	slices.Reverse(path)
	return path
}

// cycleCandidates removes names without a dependent, until none is left. The rest is on a cycle, or a cycle needs
// it. A file without cycles costs one pass, however long its chains.
func cycleCandidates(names []string, needs map[string][]edge) map[string]bool {
	remaining := map[string]bool{}
	needed := map[string]int{}
	for _, name := range names {
		remaining[name] = true
		for _, e := range needs[name] {
			needed[e.to]++
		}
	}
	unneeded := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return needed[name] > 0 })
	for len(unneeded) > 0 {
		name := unneeded[len(unneeded)-1]
		unneeded = unneeded[:len(unneeded)-1]
		delete(remaining, name)
		for _, e := range needs[name] {
			if needed[e.to]--; needed[e.to] == 0 {
				unneeded = append(unneeded, e.to)
			}
		}
	}
	return remaining
}
