package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// sourceReader reads and declares files and their included files.
type sourceReader struct {
	Parser
	*declarer
	parsed                 []parsedSource
	syntaxErrors, warnings hcl.Diagnostics
}

// includeStep is a step on the path from the project's own files to an included file.
type includeStep struct {
	// files are the absolute paths of the including files. label is their name in messages.
	files []string
	label string
	// at is the place of the include block's source.
	at hcl.Range
}

// read reads files into a module, and then their included files.
func (r *sourceReader) read(m *Module, sources []Source, chain []includeStep) {
	for _, source := range sources {
		r.file.addSource(source)
		r.file.Prefixes[source.Path] = append(r.file.Prefixes[source.Path], m.Prefix)
		one := parseSource(source)
		r.file.Files[source.Name] = one.file
		r.parsed = append(r.parsed, one)
		r.syntaxErrors = append(r.syntaxErrors, one.errors...)
		r.warnings = append(r.warnings, one.warnings...)
		r.declareSource(one, m)
	}
	for _, n := range m.includes {
		r.readIncluded(n, includeStep{files: paths(sources), label: sources[0].Name}, chain)
	}
}

func paths(sources []Source) []string {
	var all []string
	for _, source := range sources {
		all = append(all, source.Path)
	}
	return all
}

// readIncluded reads the files of an include block.
func (r *sourceReader) readIncluded(n *Block, from includeStep, chain []includeStep) {
	a := n.Attrs["source"]
	if a == nil {
		return // reported
	}
	name, ok := LiteralString(a.Expr)
	if !ok {
		return // reported
	}
	from.at = a.Expr.Range()
	if r.ReadInclude == nil {
		r.report(diag.ErrorAt(from.at, "nothing can be included here", "Only files of a project can include others."))
		return
	}
	path := ctyconv.AbsolutePath(name, n.Dir)
	sources, err := r.ReadInclude(path)
	if err != nil {
		r.report(diag.ErrorAt(from.at, fmt.Sprintf("%q cannot be included", name), "%s.", diag.UpperFirst(err.Error())))
		return
	}
	chain = append(slices.Clone(chain), from)
	if len(chain) > maxIncludeDepth {
		r.report(diag.ErrorAt(from.at, "files include each other too deeply",
			"This is the %dth on the way: %s, and so on. Does a symbolic link lead back?", len(chain), firstSteps(chain)))
		return
	}
	for i, step := range chain {
		if slices.ContainsFunc(sources, func(s Source) bool { return slices.Contains(step.files, s.Path) }) {
			r.report(includeCycleError(chain[i:], sources[0].Name))
			return
		}
	}
	m := newModule(n.Module.Prefix + n.Label + ":")
	m.Include, m.Dir = n, filepath.Dir(sources[0].Path)
	r.file.Modules = append(r.file.Modules, m)
	n.includedModule = m
	r.read(m, sources, chain)
}

// maxIncludeDepth limits nested includes. It ends the descent into a directory with a link back to itself.
const maxIncludeDepth = 32

func firstSteps(chain []includeStep) string {
	var labels []string
	for _, step := range chain[:3] {
		labels = append(labels, step.label)
	}
	return strings.Join(labels, " → ")
}

// includeCycleError is the error about files that include each other. The message shows the path.
func includeCycleError(chain []includeStep, back string) *hcl.Diagnostic {
	var lines []diag.Text
	for i, step := range chain {
		next := back
		if i+1 < len(chain) {
			next = chain[i+1].label
		}
		lines = append(lines, diag.Textf("%s → %s at %s", step.label, next, diag.Place(step.at)))
	}
	return diag.ErrorAt(chain[len(chain)-1].at, "files include each other in a cycle",
		"%s\nTake one of these includes out.", diag.Join(lines, "\n"))
}
