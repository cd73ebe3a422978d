package hclspec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// edge says that one name needs another, and where it says so.
type edge struct {
	from, to string
	at       hcl.Range
}

// checkCycles reports every knot of locals and functions, and of tasks, once, as the shortest way round it.
func (c *checker) checkCycles() {
	var locals, tasks []string
	needs := map[string][]edge{}
	for _, l := range c.file.locals() {
		from := l.String()
		locals = append(locals, from)
		needs[from] = edgesOf(from, l.refs)
	}
	summary := "locals use each other in a cycle"
	for _, m := range c.file.modules {
		for _, f := range m.functions {
			if f.result != nil {
				from := f.String()
				locals = append(locals, from)
				needs[from] = edgesOf(from, f.result.refs)
				summary = "locals and functions use each other in a cycle"
			}
		}
	}
	circle := "tasks depend on each other in a cycle"
	for _, t := range c.file.tasks {
		from := member("task", t.name)
		tasks = append(tasks, from)
		for _, dep := range t.dependencies() {
			if dep.Task != "" {
				needs[from] = append(needs[from], edge{from: from, to: member("task", blockName(dep.Task)), at: dep.Range})
			}
		}
		for _, follower := range t.finally {
			needs[from] = append(needs[from], edge{from: from, to: member("task", blockName(follower.Task)), at: follower.Range})
			circle = "tasks depend on, or follow, each other in a cycle"
		}
	}
	c.reportCycles(summary, "Take one of these uses out.", locals, needs)
	c.reportCycles(circle, "Take one of these dependencies out.", tasks, needs)
}

// edgesOf are the uses of locals and functions among references.
func edgesOf(from string, refs []reference) []edge {
	var edges []edge
	for _, ref := range refs {
		if ref.expression() != nil {
			edges = append(edges, edge{from: from, to: ref.mod.qualified(ref.String()), at: ref.rng})
		}
	}
	return edges
}

func (c *checker) reportCycles(summary, advice string, names []string, needs map[string][]edge) {
	seen := map[string]bool{}
	knotted := knotted(names, needs)
	for _, name := range names {
		if seen[name] || !knotted[name] {
			continue
		}
		path := cycleThrough(name, needs)
		if path == nil {
			continue
		}
		var lines []string
		for _, e := range path {
			seen[e.from] = true
			lines = append(lines, fmt.Sprintf("%s → %s at %s", e.from, e.to, place(e.at)))
		}
		c.file.halted = true // its members need each other without an end
		d := problem(path[0].at, summary, "%s\n%s", strings.Join(lines, "\n"), advice)
		d.Extra = cyclic{}
		c.report(d)
	}
}

// cycleThrough finds a shortest way from a name back to itself, or nil.
func cycleThrough(name string, needs map[string][]edge) []edge {
	// came holds the edge by which each name was first reached.
	came := map[string]edge{}
	queue := []string{name}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, e := range needs[at] {
			if _, reached := came[e.to]; reached {
				continue
			}
			came[e.to] = e
			queue = append(queue, e.to)
		}
		if _, closed := came[name]; closed {
			break
		}
	}
	last, closed := came[name]
	if !closed {
		return nil
	}
	path := []edge{last}
	for path[len(path)-1].from != name {
		path = append(path, came[path[len(path)-1].from])
	}
	slices.Reverse(path)
	return path
}

// knotted takes away, again and again, what nothing left needs. What stays is on a cycle or needed by one, so that a
// file without cycles, however long its chains, costs one pass.
func knotted(names []string, needs map[string][]edge) map[string]bool {
	left := map[string]bool{}
	needed := map[string]int{}
	for _, name := range names {
		left[name] = true
		for _, e := range needs[name] {
			needed[e.to]++
		}
	}
	free := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return needed[name] > 0 })
	for len(free) > 0 {
		name := free[len(free)-1]
		free = free[:len(free)-1]
		delete(left, name)
		for _, e := range needs[name] {
			if needed[e.to]--; needed[e.to] == 0 {
				free = append(free, e.to)
			}
		}
	}
	return left
}
