// Package annotations writes lines for the log of a CI server: annotations of errors, and folds around output. The
// package depends on no other package of the program.
package annotations

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Variable is the variable of the environment that turns annotations and folds off.
const Variable = "TASKS_ANNOTATIONS"

// Kind is the kind of a CI server. The zero value is no server.
type Kind int

const (
	none Kind = iota
	// GitHub has annotations and folds: the workflow commands of GitHub Actions.
	GitHub
	// GitLab has folds: the sections of a job log.
	GitLab
)

// Server is the CI server with the log of this process. The zero value is no server.
type Server struct {
	Kind Kind
	// root is the directory of the checkout, dir the directory of relative names of files.
	root, dir string
}

// Detect returns the server by the environment. dir is the directory of relative names of files.
func Detect(getenv func(string) string, dir string) (Server, error) {
	switch choice := getenv(Variable); {
	case choice == "off":
		return Server{}, nil
	case choice != "" && choice != "auto":
		return Server{}, fmt.Errorf("%s must be auto or off, not %q", Variable, choice)
	case getenv("GITHUB_ACTIONS") == "true":
		return Server{Kind: GitHub, root: getenv("GITHUB_WORKSPACE"), dir: dir}, nil
	case getenv("GITLAB_CI") == "true":
		return Server{Kind: GitLab}, nil
	}
	return Server{}, nil
}

// Annotation is an error or a warning for a person who reads the page of a CI run.
type Annotation struct {
	IsWarning      bool
	Title, Message string
	// File is empty without a place. Line, Column, EndLine and EndColumn count from 1; 0: unknown.
	File                             string
	Line, Column, EndLine, EndColumn int
}

// Text returns the line of an annotation; empty, where the server has no annotations.
func (s Server) Text(a Annotation) string {
	if s.Kind != GitHub {
		return ""
	}
	command := "error"
	if a.IsWarning {
		command = "warning"
	}
	var properties []string
	add := func(name, value string) { properties = append(properties, name+"="+escapeProperty(value)) }
	addNumber := func(name string, value int) {
		if value > 0 {
			add(name, fmt.Sprint(value))
		}
	}
	if a.File != "" {
		add("file", s.path(a.File))
		addNumber("line", a.Line)
		if a.EndLine == a.Line { // columns of several lines have no meaning
			addNumber("col", a.Column)
			addNumber("endColumn", a.EndColumn)
		} else {
			addNumber("endLine", a.EndLine)
		}
	}
	if a.Title != "" {
		add("title", a.Title)
	}
	return "::" + command + " " + strings.Join(properties, ",") + "::" + escapeData(a.Message) + "\n"
}

// path returns the name of a file from the directory of the checkout. A file elsewhere has an absolute name.
func (s Server) path(file string) string {
	if !filepath.IsAbs(file) {
		file = filepath.Join(s.dir, file)
	}
	if inside, err := filepath.Rel(s.root, file); s.root != "" && err == nil && filepath.IsLocal(inside) {
		file = inside
	}
	return filepath.ToSlash(file)
}

// escapeData spells the characters with a meaning in the text of a workflow command.
func escapeData(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

// escapeProperty spells the characters with a meaning in a property of a workflow command.
func escapeProperty(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(text)
}

// Fold is a part of a log that the server hides at first.
type Fold struct {
	// ID is different for each fold of a process.
	ID                 int
	Name, Title        string
	StartedAt, EndedAt time.Time
}

// HasFolds reports whether the server has folds.
func (s Server) HasFolds() bool { return s.Kind == GitHub || s.Kind == GitLab }

// Begin returns the line before the text of a fold; empty, where the server has no folds.
func (s Server) Begin(f Fold) string {
	switch s.Kind {
	case GitHub:
		return "::group::" + escapeData(f.Title) + "\n"
	case GitLab:
		const format = "\x1b[0Ksection_start:%d:%s[collapsed=true]\r\x1b[0K%s\n"
		return fmt.Sprintf(format, f.StartedAt.Unix(), f.section(), f.Title)
	}
	return ""
}

// End returns the line after the text of a fold; empty, where the server has no folds.
func (s Server) End(f Fold) string {
	switch s.Kind {
	case GitHub:
		return "::endgroup::\n"
	case GitLab:
		return fmt.Sprintf("\x1b[0Ksection_end:%d:%s\r\x1b[0K\n", f.EndedAt.Unix(), f.section())
	}
	return ""
}

// section is the name of a section of GitLab: letters, digits, dots, hyphens and underscores.
func (f Fold) section() string {
	return fmt.Sprintf("%s_%d", regexp.MustCompile(`[^A-Za-z0-9._-]`).ReplaceAllString(f.Name, "_"), f.ID)
}

// Disarm changes text from outside so that the server finds no command in the text: "::" at the beginning of a line
// gets a space, and so does "##[" anywhere.
func (s Server) Disarm(text string) string {
	if s.Kind != GitHub || !strings.Contains(text, "::") && !strings.Contains(text, "##[") {
		return text
	}
	var out strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(text, "##[", "## [")) {
		words := strings.TrimLeftFunc(line, unicode.IsSpace)
		if rest, isCommand := strings.CutPrefix(words, "::"); isCommand {
			line = line[:len(line)-len(words)] + ": :" + rest
		}
		out.WriteString(line)
	}
	return out.String()
}
