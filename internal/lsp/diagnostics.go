package lsp

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/hclspec/symbols"
	"tasks/internal/view/diagnostics"
	"tasks/internal/workspace"
)

// validator validates projects in the background, each after a quiet time.
type validator struct {
	server *Server
	wake   chan struct{}

	mu sync.Mutex
	// paths are the files with a change. generation counts the changes.
	paths      map[string]bool
	generation int
	// published are the URIs with diagnostics, by project. publishing keeps the order of publications.
	published  map[*project]map[string]bool
	publishing sync.Mutex
}

func newValidator(s *Server) *validator {
	return &validator{
		server: s, wake: make(chan struct{}, 1), paths: map[string]bool{}, published: map[*project]map[string]bool{},
	}
}

// request asks for a validation of the project of a file.
func (v *validator) request(path string) {
	if path == "" {
		return
	}
	v.mu.Lock()
	v.paths[path] = true
	v.generation++
	v.mu.Unlock()
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

// requestAll asks for a validation of all projects.
func (v *validator) requestAll() {
	for _, p := range v.server.projects.list() {
		v.request(p.main)
	}
}

// loop validates until closed is closed.
func (v *validator) loop(closed <-chan struct{}) {
	for {
		select {
		case <-closed:
			return
		case <-v.wake:
		}
		for paths, generation := v.takeQuiet(); len(paths) > 0; paths, generation = v.takeQuiet() {
			v.validateFiles(paths, generation)
			select {
			case <-closed:
				return
			default:
			}
		}
	}
}

// takeQuiet waits for a time without changes, and returns the changed files. A first change of a project waits too: an
// editor sends several messages at a time.
func (v *validator) takeQuiet() (paths []string, generation int) {
	for {
		v.mu.Lock()
		before := v.generation
		v.mu.Unlock()
		time.Sleep(v.server.options.Quiet)
		v.mu.Lock()
		if v.generation == before {
			paths, generation = slices.Sorted(maps.Keys(v.paths)), v.generation
			clear(v.paths)
			v.mu.Unlock()
			return paths, generation
		}
		v.mu.Unlock()
	}
}

// isCurrent reports whether no file has changed since.
func (v *validator) isCurrent(generation int) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.generation == generation
}

// validateFiles validates the projects of files.
func (v *validator) validateFiles(paths []string, generation int) {
	done := map[*project]bool{}
	for _, path := range paths {
		p := v.server.projects.ofFresh(path)
		if done[p] {
			continue
		}
		done[p] = true
		v.validate(p, generation)
	}
}

// validate publishes the diagnostics of a project. Errors of the parser come first, because the evaluation takes
// longer. The result for an old text is dropped.
func (v *validator) validate(p *project, generation int) {
	defer func() {
		if cause := recover(); cause != nil {
			v.server.options.Log(fmt.Sprintf("validation: %v", cause))
		}
	}()
	s := p.snapshot().state
	if !v.isCurrent(generation) {
		v.request(p.main)
		return
	}
	if s.err != nil {
		v.publish(p, map[string][]Diagnostic{p.main: {errorAtStart(s.err)}})
		return
	}
	if s.diags.HasErrors() {
		v.publish(p, v.byFile(p, s.ws, s.diags))
	}
	diags := s.ws.Validate()
	diags = s.ws.File.SortDiagnostics(append(diags, s.ws.File.UndeclaredVariables(s.ws.Inputs)...))
	if !v.isCurrent(generation) {
		v.request(p.main)
		return
	}
	v.publish(p, v.byFile(p, s.ws, diags))
}

// errorAtStart is a diagnostic for the whole project.
func errorAtStart(err error) Diagnostic {
	d := Diagnostic{Severity: severityError, Source: "tasks", Message: err.Error()}
	if untrusted, ok := errors.AsType[*workspace.UntrustedError](err); ok {
		d.Message = untrusted.Error()
	}
	return d
}

// byFile returns the diagnostics of each file, in the form of the protocol.
func (v *validator) byFile(p *project, ws *workspace.Workspace, diags hcl.Diagnostics) map[string][]Diagnostic {
	texts := map[string]*lines{}
	linesOf := func(name string) *lines {
		if texts[name] == nil {
			var text []byte
			if source := ws.SourceFiles()[name]; source != nil {
				text = source.Bytes
			}
			texts[name] = newLines(text)
		}
		return texts[name]
	}
	rangeOf := func(r hcl.Range) Range {
		l := linesOf(r.Filename)
		if len(l.text) == 0 {
			at := Position{max(0, r.Start.Line-1), max(0, r.Start.Column-1)} // a hidden text
			return Range{at, at}
		}
		return l.rangeOf(symbols.Span{Start: r.Start.Byte, End: max(r.Start.Byte, r.End.Byte)})
	}
	files := map[string][]Diagnostic{}
	for i, doc := range diagnostics.NewDocuments(diags) {
		d := Diagnostic{Severity: severityError, Source: "tasks", Message: doc.Summary}
		if diags[i].Severity == hcl.DiagWarning {
			d.Severity = severityWarning
		}
		if doc.Detail != "" {
			d.Message += "\n" + doc.Detail
		}
		path := p.main
		if subject := diags[i].Subject; subject != nil {
			d.Range, path = rangeOf(*subject), p.config.AbsolutePath(subject.Filename)
		}
		for _, related := range relatedPlaces(diags[i]) {
			place := Location{v.server.docs.uriOf(p.config.AbsolutePath(related.Filename)), rangeOf(related)}
			d.Related = append(d.Related, RelatedDiagnostic{place, "see also"})
		}
		files[path] = append(files[path], d)
	}
	return files
}

// relatedPlaces returns the other places of a diagnostic.
func relatedPlaces(d *hcl.Diagnostic) []hcl.Range {
	data, hasData := hcl.DiagnosticExtra[diagnostics.Data](d)
	if !hasData {
		return nil
	}
	_, related := data.DiagnosticData()
	return slices.DeleteFunc(slices.Clone(related), func(r hcl.Range) bool { return r.Filename == "" })
}

// publish sends the diagnostics of a project. Files without diagnostics any more, and open files, get an empty list.
func (v *validator) publish(p *project, files map[string][]Diagnostic) {
	v.publishing.Lock()
	defer v.publishing.Unlock()
	all := map[string][]Diagnostic{}
	for uri := range v.published[p] {
		all[uri] = []Diagnostic{}
	}
	for _, f := range p.snapshot().files {
		if v.server.docs.get(f.uri) != nil {
			all[f.uri] = []Diagnostic{}
		}
	}
	withDiagnostics := map[string]bool{}
	for path, list := range files {
		uri := v.server.docs.uriOf(path)
		all[uri] = list
		withDiagnostics[uri] = true
	}
	v.published[p] = withDiagnostics
	for _, uri := range slices.Sorted(maps.Keys(all)) {
		v.server.notify("textDocument/publishDiagnostics", publishParams{URI: uri, Diagnostics: all[uri]})
	}
}

// checkSyntax publishes the syntax errors of the edited part of a document at once. A syntax error hides all other
// diagnostics in `tasks validate` too. The validation in the background replaces the list.
func (v *validator) checkSyntax(before, after *document) {
	known := map[string]bool{}
	for _, c := range before.symbols.Chunks {
		known[c.Text] = true
	}
	found := []Diagnostic{}
	for _, c := range after.symbols.Chunks {
		if known[c.Text] || strings.HasSuffix(after.path, hclspec.AutoVariablesSuffix) {
			continue
		}
		_, diags := hclspec.CheckSyntax(hclspec.Source{Name: after.path, Path: after.path, Bytes: []byte(c.Text)})
		for _, d := range diags {
			if d.Severity != hcl.DiagError || d.Subject == nil {
				continue
			}
			span := symbols.Span{Start: d.Subject.Start.Byte, End: d.Subject.End.Byte}.Shift(c.Start)
			message := diagnostics.NewDocuments(hcl.Diagnostics{d})[0]
			found = append(found, Diagnostic{
				Range: after.lines.rangeOf(span), Severity: severityError, Source: "tasks",
				Message: strings.TrimSpace(message.Summary + "\n" + message.Detail),
			})
		}
	}
	if len(found) == 0 {
		return
	}
	v.publishing.Lock()
	defer v.publishing.Unlock()
	v.server.notify("textDocument/publishDiagnostics", publishParams{URI: after.uri, Diagnostics: found})
}
