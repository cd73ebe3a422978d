package composeproject

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/cli"

	"tasks/internal/composefile"
)

// explainer finds all mistakes of a project that compose-go has rejected. compose-go itself reports one mistake.
type explainer struct {
	loader  *projectLoader
	options *cli.ProjectOptions
	sources *sources
}

// explain returns a [*LoadError] with all mistakes in the files. compose-go reports one mistake, in random order; its
// error counts only if the search finds nothing. An error without a mistake in a file, like a cancelled context, is
// returned unchanged.
func (x *explainer) explain(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var found composefile.Result
	if recoverPanic(func() error {
		found = composefile.Check(x.checkInput())
		return nil
	}) != nil {
		return x.sources.loadError(x.loaderErrors(ctx, found, err))
	}
	x.sources.setFiles(found.Files)
	var mistakes []*Error
	for _, m := range found.Mistakes {
		mistakes = append(mistakes, x.newError(m))
	}
	ofModel, isLoaded := x.modelErrors(ctx, found)
	mistakes = append(mistakes, ofModel...)
	if !isLoaded && len(mistakes) > 0 {
		mistakes = append(mistakes, x.isolatedErrors(ctx, found, mistakes)...)
	}
	if len(mistakes) == 0 {
		mistakes = x.loaderErrors(ctx, found, err)
	}
	x.explainVariables(mistakes)
	return x.sources.loadError(mistakes)
}

func (x *explainer) checkInput() composefile.Input {
	in := composefile.Input{
		Dir: x.sources.dir, Environment: x.options.Environment, EnvFiles: x.envFileNames(), Attributes: attributesAt,
	}
	for _, path := range x.options.ConfigPaths {
		in.Files = append(in.Files, x.sources.parseFile(path))
	}
	return in
}

// envFileNames names the files for values of variables.
func (x *explainer) envFileNames() string {
	files := x.loader.explicitEnvFiles()
	if len(files) == 0 {
		files = []string{filepath.Join(x.sources.dir, ".env")}
	}
	var names []string
	for _, file := range files {
		names = append(names, location{file: file}.text(x.sources.dir))
	}
	return "the file " + strings.Join(names, " or ")
}

func (x *explainer) newError(m composefile.Mistake) *Error {
	return &Error{
		File: m.Path, Line: m.Line, Column: m.Column, Message: m.Message, Detail: m.Detail, Suggestion: m.Suggestion,
		dir: x.sources.dir,
	}
}

// joinedErrors takes joined errors apart.
func joinedErrors(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, cause := range joined.Unwrap() {
		all = append(all, joinedErrors(cause)...)
	}
	return all
}

// loaderErrors returns the errors of compose-go with their places. If compose-go does not name a place, each attribute
// is loaded alone.
func (x *explainer) loaderErrors(ctx context.Context, found composefile.Result, err error) []*Error {
	var mistakes []*Error
	for _, cause := range joinedErrors(err) {
		located := x.sources.locateError(cause)
		if located.Line == 0 {
			if isolated := x.isolatedErrors(ctx, found, nil); len(isolated) > 0 {
				return isolated
			}
		}
		mistakes = append(mistakes, located)
	}
	return mistakes
}

// explainVariables adds the variables without a value in the lines of mistakes without a remedy.
func (x *explainer) explainVariables(mistakes []*Error) {
	for _, m := range mistakes {
		if m.Detail == "" && m.Line > 0 {
			m.Detail = x.sources.unsetVariables(m.File, m.Line, x.options.Environment, x.envFileNames())
		}
	}
}

// unsetVariables explains the variables without a value in a line.
func (s *sources) unsetVariables(file string, line int, environment map[string]string, envFiles string) string {
	content, err := s.read(file)
	if err != nil {
		return ""
	}
	var notes []string
	for _, name := range composefile.UnsetVariables(composefile.Line(content, line), environment) {
		notes = append(notes, fmt.Sprintf("The variable %s is not set. %s", name, composefile.SetVariable(name, envFiles)))
	}
	return strings.Join(notes, " ")
}

// loadError returns mistakes as an error, in the order of files and places.
func (s *sources) loadError(mistakes []*Error) error {
	slices.SortStableFunc(mistakes, func(a, b *Error) int {
		return cmp.Or(
			cmp.Compare(s.rank(a.File), s.rank(b.File)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Message, b.Message),
		)
	})
	mistakes = slices.CompactFunc(mistakes, func(a, b *Error) bool {
		return a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.Message == b.Message
	})
	e := &LoadError{Mistakes: mistakes, Contents: map[string][]byte{}}
	for _, m := range mistakes {
		if s.stdin != nil && m.File == s.stdin.path {
			m.File = stdinName
			e.Contents[stdinName] = s.stdin.content
			continue
		}
		if content, err := s.read(m.File); err == nil {
			e.Contents[m.File] = content
		}
	}
	return e
}

// rank returns the position of a file among the files of the project.
func (s *sources) rank(file string) int {
	if i := slices.Index(s.files, file); i >= 0 {
		return i
	}
	return len(s.files)
}

// setFiles replaces the files. The first are still the project's own files.
func (s *sources) setFiles(files []*composefile.File) {
	s.files = nil
	for _, f := range files {
		s.files = append(s.files, f.Path)
	}
	s.docs = sync.OnceValue(s.parseFiles)
}
