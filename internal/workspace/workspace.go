package workspace

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
)

// Workspace holds the parsed files of a project. Each command opens a workspace, and so does each rerun of watch.
type Workspace struct {
	// File is the result of the parser.
	File *hclspec.File
	// Inputs are the facts for expressions.
	Inputs hclspec.Inputs

	config Config
	// hasTaskFiles reports whether the workspace has a Tasks.hcl or files in its place.
	hasTaskFiles bool
	// Labels tells how much is known of the project, for a workspace by labels.
	Labels LabelState
	// loaders load the compose project of each scope, once.
	loaders map[string]func() (*composeproject.Project, error)
	// overlays load the compose projects of tasks with an overlay, by scope, once.
	overlays map[string]func() (*composeproject.Project, error)
	// blockInputs are the facts for compose blocks. These cannot refer to a project.
	blockInputs hclspec.Inputs
	// composeFiles are the compose files with mistakes.
	composeFiles composeFiles
}

// Open finds, reads and parses the task files. A file with errors still gives a workspace.
func Open(config Config) (*Workspace, hcl.Diagnostics, error) {
	paths, err := config.TaskFiles()
	if err != nil {
		return nil, nil, err
	}
	sources, err := config.readTaskFiles(paths)
	if err != nil {
		return nil, nil, err
	}
	parser, err := config.newParser(filepath.Dir(paths[0]))
	if err != nil {
		return nil, nil, err
	}
	file, diags := parser.Parse(sources)
	return newWorkspace(config, file, filepath.Dir(paths[0])), diags, nil
}

// OpenChecked opens the task files like [Open], and adds errors about values of undeclared variables.
func OpenChecked(config Config) (*Workspace, hcl.Diagnostics, error) {
	ws, diags, err := Open(config)
	if err == nil && !diags.HasErrors() {
		diags = append(diags, ws.File.UndeclaredVariables(ws.Inputs)...)
	}
	return ws, diags, err
}

// OpenProject opens a workspace for commands that need only the compose project. Task files are read where they
// exist, because a compose block may name another project. Without task files, the compose files alone name the
// project.
func OpenProject(config Config) (*Workspace, hcl.Diagnostics, error) {
	if _, err := config.TaskFiles(); err == nil {
		return OpenChecked(config)
	}
	return OpenCompose(config)
}

// OpenCompose opens a workspace of the compose files alone, without task files.
func OpenCompose(config Config) (*Workspace, hcl.Diagnostics, error) {
	root := config.composeDirectory()
	parser, err := config.newParser(root)
	if err != nil {
		return nil, nil, err
	}
	parser.VariableFiles.Automatic = nil // automatic files count only beside a Tasks.hcl
	file, diags := parser.Parse(nil)
	ws := newWorkspace(config, file, root)
	ws.hasTaskFiles = false
	return ws, diags, nil
}

// newWorkspace returns the workspace of a parsed file, with the inputs of its expressions.
func newWorkspace(config Config, file *hclspec.File, root string) *Workspace {
	ws := &Workspace{File: file, config: config, hasTaskFiles: true, composeFiles: composeFiles{}}
	ws.Inputs = hclspec.Inputs{
		Vars: map[string]string{}, Env: config.LookupEnv, Environ: func() []string { return config.Environ },
		Root: root, Cwd: config.WorkingDir, OS: runtime.GOOS, Arch: runtime.GOARCH,
		UID: strconv.Itoa(os.Getuid()), GID: strconv.Itoa(os.Getgid()),
	}
	for _, entry := range config.Flags.Vars {
		name, value, _ := strings.Cut(entry, "=")
		ws.Inputs.Vars[name] = value
	}
	ws.blockInputs = ws.Inputs
	ws.overlays = map[string]func() (*composeproject.Project, error){}
	ws.loaders = map[string]func() (*composeproject.Project, error){}
	for _, scope := range file.Scopes() {
		ws.loaders[scope] = sync.OnceValues(func() (*composeproject.Project, error) {
			return ws.loadProject(ws.blockInputs, scope)
		})
	}
	ws.Inputs.Project = func() (hclspec.Project, error) { return ws.Project("") }
	ws.Inputs.IncludedProject = func(scope string) (hclspec.Project, error) { return ws.Project(scope) }
	ws.Inputs.ProjectEnv = ws.projectEnv
	if config.Flags.Engine != "" {
		config.Engine.useChoice(func() (EngineChoice, error) { return engineChoice(ws) })
	}
	return ws
}

// Root returns the absolute directory of the project.
func (ws *Workspace) Root() string { return ws.Inputs.Root }

// SourceFiles returns the parsed files and the compose files with mistakes, by display name, for excerpts in
// diagnostics.
func (ws *Workspace) SourceFiles() map[string]*hcl.File {
	return ws.composeFiles.with(ws.File.SourceFiles())
}

// DisplayPath returns the name of a file for messages.
func (ws *Workspace) DisplayPath(path string) string { return ws.config.DisplayPath(path) }
