package view

import (
	"cmp"
	"errors"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"tasks/executor"
	"tasks/executor/step"
	"tasks/internal/plaintext"
	"tasks/internal/view/annotations"
	"tasks/internal/view/diagnostics"
	"tasks/planner"
)

// PrintDiagnostics writes diagnostics to stderr, with the source lines. Files are the sources by name.
func PrintDiagnostics(p *Printer, files map[string]*hcl.File, diags hcl.Diagnostics, isColored bool) error {
	err := diagnostics.WriteText(styledStderr(p), files, diags, diagnostics.TextOptions{Color: isColored})
	for _, d := range diagnostics.NewDocuments(diags) {
		annotate(p, newAnnotation(d))
	}
	return err
}

// UseAnnotations annotates errors and folds output from now on, where the environment names a CI server. dir is the
// directory of relative names of files. With a document on stdout, nothing is annotated.
func UseAnnotations(p *Printer, getenv func(string) string, dir string, hasDocument bool) error {
	server, err := annotations.Detect(getenv, dir)
	if err == nil && !hasDocument {
		p.server.Store(&server)
	}
	return err
}

// serverOf returns the CI server with the log of stderr. The zero value is no server.
func serverOf(p *Printer) annotations.Server {
	if p == nil || p.server.Load() == nil {
		return annotations.Server{}
	}
	return *p.server.Load()
}

// annotate writes an annotation to stderr, where the CI server has annotations. Secrets are masked before the
// characters of a secret are escaped.
func annotate(p *Printer, a annotations.Annotation) {
	plain := func(text string) string { return plaintext.EscapeLines(p.Mask(plaintext.WithoutColors(text))) }
	a.Title, a.Message, a.File = plaintext.Escape(plain(a.Title)), plain(a.Message), plain(a.File)
	printCommands(p, serverOf(p).Text(a))
}

// newAnnotation returns the annotation of a diagnostic.
func newAnnotation(d diagnostics.Document) annotations.Annotation {
	a := annotations.Annotation{
		IsWarning: d.Severity == "warning", Title: d.Summary, Message: cmp.Or(d.Detail, d.Summary),
	}
	if d.Range == nil {
		return a
	}
	a.File, a.Line, a.Column = d.Range.File, d.Range.Start.Line, d.Range.Start.Column
	if d.Range.End != nil {
		a.EndLine, a.EndColumn = d.Range.End.Line, d.Range.End.Column
	}
	return a
}

// annotateFailures annotates the failures of a run. `tasks once` reports no exit code, like docker-compose run.
func (c *Output) annotateFailures(failures []executor.Failure) {
	if c.Printer == nil || c.isInterrupted || serverOf(c.Printer).Kind == 0 {
		return
	}
	for _, f := range failures {
		task := planner.TaskOf(f.Step)
		if task != nil && task.IsOnce && f.Err == nil {
			continue
		}
		for _, a := range c.failureAnnotations(f) {
			annotate(c.Printer, a)
		}
	}
}

// failureAnnotations returns the annotations of a failure: for each diagnostic one with the place, else one with the
// last output.
func (c *Output) failureAnnotations(f executor.Failure) (all []annotations.Annotation) {
	t := thingOf(f.Step)
	title := t.kind + " " + t.name + " failed"
	if diagErr, ok := errors.AsType[*step.DiagnosticsError](f.Err); ok {
		for _, d := range diagnostics.NewDocuments(diagErr.Diagnostics) {
			a := newAnnotation(d)
			a.Title, a.Message = title, strings.TrimRight(d.Summary+"\n"+d.Detail, "\n")
			all = append(all, a)
		}
		return all
	}
	message := exitCodeText(f.Code, f.ExitReason)
	if f.Err != nil {
		message = c.NoticePrinter.failureText(f.Err)
	}
	if planner.RunsCommand(f.Step) {
		message = strings.TrimRight(message+"\n"+c.tails.lastLines(planner.TaskOf(f.Step).Name), "\n")
	}
	return []annotations.Annotation{{Title: title, Message: message}}
}

// FailureText returns a function for the text of a failed step's error. Errors in the files come with the source line.
func FailureText(files map[string]*hcl.File) func(error) string {
	return func(err error) string {
		diagErr, ok := errors.AsType[*step.DiagnosticsError](err)
		if !ok {
			return outputText(err.Error())
		}
		var text strings.Builder
		text.WriteString("invalid value computed during the run\n")
		if err := diagnostics.WriteText(&text, files, diagErr.Diagnostics, diagnostics.TextOptions{}); err != nil {
			return outputText(diagErr.Error())
		}
		return strings.TrimRight(text.String(), "\n")
	}
}
