package hclspec

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// reader takes files into a program, with all that they include.
type reader struct {
	Parser
	*checker
	parsed           []parsedSource
	syntax, warnings hcl.Diagnostics
}

// inclusion is a step on the way from the project's own files to an included one.
type inclusion struct {
	// files are the absolute paths of the files that include, label is how messages call them.
	files []string
	label string
	// at is where they include the next ones.
	at hcl.Range
}

// read takes files into a module, and then what they include.
func (r *reader) read(m *module, sources []Source, way []inclusion) {
	for _, source := range sources {
		if _, known := r.file.files[source.Name]; !known {
			r.file.order[source.Name] = len(r.file.order)
		}
		one := parseSource(source)
		r.file.files[source.Name] = one.file
		r.parsed = append(r.parsed, one)
		r.syntax = append(r.syntax, one.errors...)
		r.warnings = append(r.warnings, one.warnings...)
		r.collect(one, m)
	}
	for _, n := range m.includes {
		r.include(n, inclusion{files: paths(sources), label: sources[0].Name}, way)
	}
}

func paths(sources []Source) []string {
	var all []string
	for _, source := range sources {
		all = append(all, source.Path)
	}
	return all
}

// include takes in what one include block names.
func (r *reader) include(n *node, from inclusion, way []inclusion) {
	a := n.attrs["source"]
	if a == nil {
		return // reported
	}
	name, ok := literalString(a.expr)
	if !ok {
		return // reported
	}
	from.at = a.expr.Range()
	if r.Include == nil {
		r.report(problem(from.at, "nothing can be included here", "Only files of a project can include others."))
		return
	}
	path := absolute(name, n.dir)
	sources, err := r.Include(path)
	if err != nil {
		r.report(problem(from.at, fmt.Sprintf("%q cannot be included", name), "%s.", upperFirst(err.Error())))
		return
	}
	way = append(slices.Clone(way), from)
	if len(way) > deepestInclude {
		r.report(problem(from.at, "files include each other too deeply",
			"This is the %dth on the way: %s, and so on. Does a symbolic link lead back?", len(way), firstSteps(way)))
		return
	}
	for i, step := range way {
		if slices.ContainsFunc(sources, func(s Source) bool { return slices.Contains(step.files, s.Path) }) {
			r.report(circle(way[i:], sources[0].Name))
			return
		}
	}
	m := newModule(n.mod.prefix + n.label + ":")
	m.include, m.dir = n, filepath.Dir(sources[0].Path)
	r.file.modules = append(r.file.modules, m)
	n.included = m
	r.read(m, sources, way)
}

// deepestInclude is how many files may include one another. A directory that a link leads back to has no other end.
const deepestInclude = 32

func firstSteps(way []inclusion) string {
	var labels []string
	for _, step := range way[:3] {
		labels = append(labels, step.label)
	}
	return strings.Join(labels, " → ")
}

// circle is the mistake of files that include each other. The way goes round.
func circle(way []inclusion, back string) *hcl.Diagnostic {
	var lines []string
	for i, step := range way {
		next := back
		if i+1 < len(way) {
			next = way[i+1].label
		}
		lines = append(lines, fmt.Sprintf("%s → %s at %s", step.label, next, place(step.at)))
	}
	return problem(way[len(way)-1].at, "files include each other in a cycle", "%s\nTake one of these includes out.", strings.Join(lines, "\n"))
}
