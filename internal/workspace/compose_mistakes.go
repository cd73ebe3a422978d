package workspace

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composefile"
	"tasks/internal/composeproject"
)

// ComposeError has the mistakes in compose files as diagnostics.
type ComposeError struct {
	diags hcl.Diagnostics
	cause *composeproject.LoadError
}

// Error returns a line for each mistake.
func (e *ComposeError) Error() string { return e.cause.Error() }

// Unwrap returns the diagnostics.
func (e *ComposeError) Unwrap() error { return e.diags }

// ExplainCompose replaces the mistakes in compose files of a workspace by a [*ComposeError]. Other errors are returned
// unchanged.
func ExplainCompose(ws *Workspace, err error) error { return ws.explainCompose(err) }

// explainCompose replaces the mistakes in compose files by diagnostics, and keeps the contents of the files for
// excerpts. Other errors are returned unchanged.
func (ws *Workspace) explainCompose(err error) error {
	cause, ok := errors.AsType[*composeproject.LoadError](err)
	if !ok {
		return err
	}
	contents, isTold := maps.Clone(cause.Contents), map[string]bool{}
	maps.DeleteFunc(contents, func(path string, _ []byte) bool { return isComposeTextHidden(ws, path) })
	ws.composeFiles.add(ws.DisplayPath, contents)
	explained := &ComposeError{cause: cause}
	for _, mistake := range cause.Mistakes {
		d := ws.mistakeDiagnostic(mistake, cause.Contents[mistake.File])
		if mistake.File != "" && contents[mistake.File] == nil && isComposeTextHidden(ws, mistake.File) {
			if isTold[mistake.File] {
				continue
			}
			isTold[mistake.File] = true
			d = &hcl.Diagnostic{
				Severity: hcl.DiagError, Subject: d.Subject, Summary: "a file outside of the project has an error",
				Detail: fmt.Sprintf("The text is not shown: the file may be no compose file, and may hold a secret. To see the "+
					"error, name the file: tasks validate --compose-file %s", mistake.File),
			}
		}
		explained.diags = append(explained.diags, d)
	}
	return explained
}

// isComposeTextHidden reports whether an error in a compose file must not show text of the file: the file is outside of
// the project, and its own name is not that of a YAML file. A file of the command line hides nothing.
func isComposeTextHidden(ws *Workspace, path string) bool {
	if len(ws.config.Flags.ComposeFiles) > 0 || ws.config.Getenv("COMPOSE_FILE") != "" {
		return false
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false // the standard input, or a file that is gone
	}
	extension := strings.ToLower(filepath.Ext(resolved))
	return extension != ".yaml" && extension != ".yml" && isTextHidden(path, ws.Root())
}

// mistakeDiagnostic returns the diagnostic of a mistake. A mistake without a place has the file in its summary.
func (ws *Workspace) mistakeDiagnostic(mistake *composeproject.Error, content []byte) *hcl.Diagnostic {
	d := &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: withoutEnvFileText(mistake.Message),
		Detail: withoutEnvFileText(mistake.Detail),
	}
	file := ws.DisplayPath(mistake.File)
	if mistake.Line == 0 {
		d.Summary = file + ": " + d.Summary
	} else {
		d.Subject = mistakeRange(file, content, mistake.Line, mistake.Column)
	}
	if mistake.Suggestion != "" {
		d.Detail = strings.TrimSpace(fmt.Sprintf("Did you mean %q? %s", mistake.Suggestion, d.Detail))
		d.Extra = mistakeData{mistake.Suggestion}
	}
	return d
}

// mistakeRange returns the range of the word at a place.
func mistakeRange(file string, content []byte, line, column int) *hcl.Range {
	start, end := composefile.Span(content, line, column)
	if column == 0 {
		column = 1 + start - composefile.LineStart(content, line)
	}
	return &hcl.Range{
		Filename: file, Start: hcl.Pos{Line: line, Column: column, Byte: start},
		End: hcl.Pos{Line: line, Column: column + utf8.RuneCount(content[start:end]), Byte: end},
	}
}

// mistakeData has the data of a mistake for programs.
type mistakeData struct{ suggestion string }

// DiagnosticData implements the interface of the views.
func (m mistakeData) DiagnosticData() (suggestion string, related []hcl.Range) {
	return m.suggestion, nil
}

// composeFiles are the compose files with mistakes, by display name.
type composeFiles map[string]*hcl.File

func (c composeFiles) add(displayPath func(string) string, contents map[string][]byte) {
	for path, content := range contents {
		c[displayPath(path)] = &hcl.File{Bytes: content}
	}
}

// with returns files together with the compose files.
func (c composeFiles) with(files map[string]*hcl.File) map[string]*hcl.File {
	all := maps.Clone(files)
	if all == nil {
		all = map[string]*hcl.File{}
	}
	maps.Copy(all, c)
	return all
}

// composeErrors returns the diagnostics of the compose projects that cannot be loaded, in place of the diagnostics
// about their uses.
func composeErrors(diags hcl.Diagnostics) hcl.Diagnostics {
	var all, mistakes hcl.Diagnostics
	seen := map[*ComposeError]bool{}
	for _, d := range diags {
		failure, _ := hcl.DiagnosticExtra[hclspec.ProjectError](d)
		explained, ok := errors.AsType[*ComposeError](failure.Err)
		switch {
		case !ok:
			all = append(all, d)
		case !seen[explained]:
			seen[explained] = true
			mistakes = append(mistakes, explained.diags...)
		}
	}
	return append(all, mistakes...)
}

// withComposeExcerpts completes the ranges of diagnostics in compose files, and keeps the contents of these files for
// excerpts. The planner knows only the start of a range, in a path relative to the project directory.
func (ws *Workspace) withComposeExcerpts(
	diags hcl.Diagnostics, projects map[string]*composeproject.Project,
) hcl.Diagnostics {
	for _, d := range diags {
		if d.Subject == nil || ws.File.SourceFiles()[d.Subject.Filename] != nil {
			continue
		}
		for _, project := range projects {
			path := d.Subject.Filename
			if !filepath.IsAbs(path) {
				path = filepath.Join(project.Model().WorkingDir, path)
			}
			if content, ok := project.Locations().Content(path); ok {
				ws.composeFiles.add(ws.DisplayPath, map[string][]byte{path: content})
				d.Subject = mistakeRange(ws.DisplayPath(path), content, d.Subject.Start.Line, d.Subject.Start.Column)
				break
			}
		}
	}
	return diags
}
