package starter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/workspace"
)

// fileName is the name of the starter file.
const fileName = "Tasks.hcl"

// RunCall turns the words after `docker compose run` into the options of a one-off. Relative paths start at dir.
type RunCall func(dir string, words []string) (service string, command []string, options hclspec.Options, err error)

// Options are the options of `tasks init`.
type Options struct {
	// From are the sources beside the compose project.
	From []string
	// IsPrint reports that the text is only printed: the file may exist.
	IsPrint bool
	// RunCall reads the flags of `docker compose run`.
	RunCall RunCall
}

// File is a starter file before the write.
type File struct {
	// Text is the text in canonical layout.
	Text []byte
	// path is absolute. name is the name of the file in messages.
	path, name string
	// others are the sources beside the file that the file is not made from.
	others []string
	// firstTask is the name of the first task; empty: the file has no task.
	firstTask string
}

// filesError has mistakes in compose files.
type filesError struct {
	workspace *workspace.Workspace
	err       error
}

func (e *filesError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *filesError) Unwrap() error { return e.err }

// WorkspaceOf returns the workspace of an error of [Make] about compose files; nil for other errors. The workspace has
// the files for excerpts.
func WorkspaceOf(err error) *workspace.Workspace {
	if found, ok := errors.AsType[*filesError](err); ok {
		return found.workspace
	}
	return nil
}

// Make makes the starter file of the compose project that Compose would find, and of the sources of the options.
func Make(config workspace.Config, o Options) (*File, error) {
	ws, diags, err := workspace.OpenCompose(config)
	if err != nil {
		return nil, err
	}
	if diags.HasErrors() {
		return nil, &filesError{workspace: ws, err: diags}
	}
	p, err := openProject(ws, o.RunCall)
	switch {
	case err == nil:
	case !errors.Is(err, composeproject.ErrNoComposeFile):
		return nil, &filesError{workspace: ws, err: err}
	case len(o.From) == 0:
		return nil, fmt.Errorf("%w. Name another source: tasks init --from Makefile", err)
	}
	dir := ws.Root()
	if p == nil {
		dir = filepath.Dir(config.AbsolutePath(o.From[0]))
	}
	path, err := starterPath(config, dir)
	if err != nil {
		return nil, err
	}
	root := filepath.Dir(path)
	if _, err := os.Lstat(path); err == nil && !o.IsPrint {
		return nil, existsError(config.DisplayPath(path))
	}
	d := &document{root: root}
	if err := d.addSources(config, p, o); err != nil {
		return nil, err
	}
	file := &File{path: path, name: config.DisplayPath(path), Text: d.finish(), others: otherSources(root)}
	for _, name := range o.From {
		file.others = slices.DeleteFunc(file.others, func(other string) bool {
			return filepath.Join(root, other) == config.AbsolutePath(name)
		})
	}
	for _, t := range slices.Backward(d.tasks) {
		if t.fault == "" && !t.isHidden {
			file.firstTask = t.name
		}
	}
	return file, checkText(file)
}

// starterPath returns the path of the file: the file of -f or TASKS_FILE, else Tasks.hcl in a directory.
func starterPath(config workspace.Config, dir string) (string, error) {
	names := config.Flags.Files
	if named := config.Getenv("TASKS_FILE"); len(names) == 0 && named != "" {
		names = filepath.SplitList(named)
	}
	switch len(names) {
	case 0:
		return filepath.Join(dir, fileName), nil
	case 1:
		return config.AbsolutePath(names[0]), nil
	}
	return "", fmt.Errorf("`tasks init` writes one file: name one with -f or TASKS_FILE, not %d", len(names))
}

func existsError(name string) error {
	const message = "%s exists, and is never overwritten: remove or rename the file, or print with `tasks init --print`"
	return fmt.Errorf(message, name)
}

// addSources adds the compose project, then each source, then the usual tasks of the project's services.
func (d *document) addSources(config workspace.Config, p *project, o Options) error {
	var names []string
	if p != nil {
		for _, file := range p.compose.Model().ComposeFiles {
			names = append(names, d.relative(file))
		}
		d.addServices(p)
	}
	for _, from := range o.From {
		path := config.AbsolutePath(from)
		if isComposeFile(path) {
			if p == nil || !slices.Contains(p.compose.Model().ComposeFiles, path) {
				return fmt.Errorf("--from %s is no file of the compose project: write --compose-file %s", from, from)
			}
			continue
		}
		k, isKnown := kindOf(path)
		if !isKnown {
			return fmt.Errorf("--from %s has no known name: a source is a %s", from, kindTitles())
		}
		s, err := readSource(from, path)
		if err != nil {
			return err
		}
		s.name, s.project = d.relative(path), p
		names = append(names, s.name)
		if err := k.add(d, s); err != nil {
			return err
		}
	}
	if p != nil {
		d.addUsualTasks(p)
	}
	d.header = []string{"A starter file from " + strings.Join(names, ", ") + ", by `tasks init`. Change what you like."}
	return nil
}

func kindTitles() string {
	var titles []string
	for _, k := range kinds() {
		titles = append(titles, k.title)
	}
	last := len(titles) - 1
	return strings.Join(titles[:last], ", ") + " or " + titles[last]
}

// checkText parses the text of a starter file. An error is a bug of this package.
func checkText(file *File) error {
	_, diags := hclspec.Parse([]hclspec.Source{{Name: fileName, Path: file.path, Bytes: file.Text}})
	if diags.HasErrors() {
		return fmt.Errorf("the sources give no valid file, please report this: %w", diags)
	}
	return nil
}
