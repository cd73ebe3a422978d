package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/hashicorp/hcl/v2"

	"tasks/executor/docker"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/coord"
)

// Workspace is a read Tasks.hcl and what it belongs to. It is made anew for each command, and for each rerun of watch.
type Workspace struct {
	app *app
	// paths are the files that were read, absolute.
	paths  []string
	File   *hclspec.File
	Inputs hclspec.Inputs
	// Project loads the compose project, once, when first asked for.
	Project func() (*composeproject.Project, error)
	// included do the same for included files with a compose block of their own, by scope.
	includedProjects map[string]func() (*composeproject.Project, error)
}

// openWorkspace finds and reads the files of the language, and tells of their mistakes. A file with errors still gives a workspace,
// beside the error.
func (a *app) openWorkspace() (*Workspace, error) {
	ws, diags, err := a.readWorkspace()
	if err != nil {
		return nil, err
	}
	if !diags.HasErrors() {
		diags = append(diags, ws.File.UndeclaredVariables(ws.Inputs)...)
	}
	return ws, a.printDiagnostics(ws.File.SourceFiles(), diags)
}

// readWorkspace finds and reads the files of the language.
func (a *app) readWorkspace() (*Workspace, hcl.Diagnostics, error) {
	paths, err := a.taskFilePaths()
	if err != nil {
		return nil, nil, err
	}
	sources, err := a.readSources(paths)
	if err != nil {
		return nil, nil, err
	}
	parser, err := a.newParser(filepath.Dir(paths[0]))
	if err != nil {
		return nil, nil, err
	}
	file, diags := parser.Parse(sources)
	ws := &Workspace{app: a, paths: paths, File: file}
	ws.Inputs, ws.Project = ws.hclInputs(filepath.Dir(paths[0]))
	return ws, diags, nil
}

// openProjectOnly is for commands that need a compose project only. Tasks.hcl is read where there is one, because it may say
// which project this is; else the compose files alone do.
func (a *app) openProjectOnly() (*Workspace, error) {
	if _, err := a.taskFilePaths(); err == nil {
		return a.openWorkspace()
	}
	root := a.composeDirectory()
	parser, err := a.newParser(root)
	if err != nil {
		return nil, err
	}
	parser.VariableFiles.Automatic = nil // there is no Tasks.hcl that they could stand beside
	file, diags := parser.Parse(nil)
	ws := &Workspace{app: a, File: file}
	ws.Inputs, ws.Project = ws.hclInputs(root)
	return ws, a.printDiagnostics(file.SourceFiles(), diags)
}

// composeDirectory is the directory of the compose file that Compose would find from here.
func (a *app) composeDirectory() string {
	if a.flags.projectDirectory != "" {
		return a.absolutePath(a.flags.projectDirectory)
	}
	if len(a.flags.composeFiles) > 0 {
		return filepath.Dir(a.absolutePath(a.flags.composeFiles[0]))
	}
	if files := a.getenv(consts.ComposeFilePath); files != "" {
		separator := cmp.Or(a.getenv(consts.ComposePathSeparator), string(os.PathListSeparator))
		first, _, _ := strings.Cut(files, separator)
		return filepath.Dir(a.absolutePath(first))
	}
	for dir := a.cwd; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		for _, name := range cli.DefaultFileNames {
			if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
				return dir
			}
		}
	}
	return a.cwd
}

// displayPath is a path as messages call it: relative to the working directory where that is shorter.
func (a *app) displayPath(path string) string {
	if rel, err := filepath.Rel(a.cwd, path); err == nil && len(rel) < len(path) {
		return rel
	}
	return path
}

const (
	tasksFile   = "Tasks.hcl"
	tasksSuffix = ".tasks.hcl"
)

// taskFilePaths are the files given by -f or TASKS_FILE, else Tasks.hcl of the working directory or its nearest ancestor, with
// every *.tasks.hcl beside it.
func (a *app) taskFilePaths() ([]string, error) {
	if len(a.flags.files) > 0 {
		return a.absolutePaths(a.flags.files), nil
	}
	if file := a.getenv("TASKS_FILE"); file != "" {
		return a.absolutePaths(filepath.SplitList(file)), nil
	}
	for dir := a.cwd; ; dir = filepath.Dir(dir) {
		main := filepath.Join(dir, tasksFile)
		if info, err := os.Stat(main); err == nil && info.Mode().IsRegular() {
			return append([]string{main}, filesWithSuffix(dir, tasksSuffix)...), nil
		}
		if dir == filepath.Dir(dir) {
			return nil, usageError("no %s in %s or any directory above it: write one there, or name a file with -f", tasksFile, a.cwd)
		}
	}
}

// hclInputs are what expressions can see of the world.
func (ws *Workspace) hclInputs(root string) (hclspec.Inputs, func() (*composeproject.Project, error)) {
	a := ws.app
	in := hclspec.Inputs{
		Vars: map[string]string{}, Env: a.lookupEnv, Environ: func() []string { return a.environ },
		Root: root, Cwd: a.cwd, OS: runtime.GOOS, Arch: runtime.GOARCH,
		UID: strconv.Itoa(os.Getuid()), GID: strconv.Itoa(os.Getgid()),
	}
	for _, v := range a.flags.vars {
		name, value, _ := strings.Cut(v, "=")
		in.Vars[name] = value
	}
	project := sync.OnceValues(func() (*composeproject.Project, error) { return ws.loadProject(in, "") })
	in.Project = func() (hclspec.Project, error) { return project() }
	ws.includedProjects = map[string]func() (*composeproject.Project, error){}
	for _, scope := range ws.File.Scopes() {
		ws.includedProjects[scope] = sync.OnceValues(func() (*composeproject.Project, error) { return ws.loadProject(in, scope) })
	}
	in.IncludedProject = func(scope string) (hclspec.Project, error) { return ws.includedProjects[scope]() }
	return in, project
}

// checkVarFlags finds what is wrong with --var before anything is read.
func (a *app) checkVarFlags() error {
	for _, v := range a.flags.vars {
		if name, _, found := strings.Cut(v, "="); !found || name == "" {
			return usageError("--var %s: write --var NAME=VALUE", v)
		}
	}
	return nil
}

// loadProject loads the compose project that the compose block of a scope and the flags name. Beside a Tasks.hcl, but without any
// compose file, the project has no services, but a name and a network for image tasks.
func (ws *Workspace) loadProject(in hclspec.Inputs, scope string) (*composeproject.Project, error) {
	if !ws.app.noEngine {
		ws.app.dialAsync()
	}
	block, diags := ws.File.ComposeForScope(in, scope)
	if err := ws.app.printDiagnostics(ws.File.SourceFiles(), diags); err != nil {
		return nil, err
	}
	opts := ws.ComposeOptions(scope, block, in.Root)
	if len(ws.paths) == 0 {
		opts.WorkingDir = ws.app.cwd // where Compose starts to look, also for the files of COMPOSE_FILE and for .env
	}
	if ws.app.writesState {
		opts.ValidationCache = validationCache{coord.OpenProjectDir(in.Root)}
	}
	project, err := composeproject.Load(context.Background(), opts)
	if errors.Is(err, composeproject.ErrNoComposeFile) && len(opts.Files) == 0 && len(ws.paths) > 0 {
		return composeproject.Empty(opts.Name, cmp.Or(opts.ProjectDirectory, block.Dir), opts.Environ)
	}
	return project, err
}

// composeOptions lays the flags over the compose block.
func (a *app) composeOptions(block hclspec.Compose, root string) composeproject.Options {
	opts := composeproject.Options{
		Files: block.Files, Name: block.Project, Profiles: block.Profiles, EnvFiles: block.EnvFiles,
		ProjectDirectory: block.ProjectDirectory, WorkingDir: root, Environ: a.environ,
	}
	if len(a.flags.composeFiles) > 0 {
		opts.Files = a.absolutePaths(a.flags.composeFiles)
	}
	if a.flags.projectName != "" {
		opts.Name = a.flags.projectName
	}
	if a.flags.projectDirectory != "" {
		opts.ProjectDirectory = a.absolutePath(a.flags.projectDirectory)
	}
	opts.Profiles = append(slices.Clone(opts.Profiles), a.flags.profiles...)
	if len(a.flags.envFiles) > 0 {
		opts.EnvFiles = a.absolutePaths(a.flags.envFiles)
	}
	return opts
}

// asUsageError ends the program for a compose project that cannot be loaded, unless that has been told already.
func asUsageError(err error) error {
	if _, isExit := errors.AsType[*exitError](err); isExit {
		return err
	}
	return &exitError{code: codeUsage, err: err}
}

// printWarning tells what the engine, or the mapping to it, cannot do and does without.
func (a *app) printWarning(text string) {
	a.printer.PrintWarning(text)
}

// dialAsync speaks to the engine meanwhile: who needs the project needs it. What is wrong with it the first call tells.
func (a *app) dialAsync() {
	if engine, err := a.connectEngine(); err == nil {
		go func() { _, _ = engine.APIVersion(context.Background()) }()
	}
}

// connectEngine finds the engine, once; nothing is sent yet.
func (a *app) connectEngine() (*docker.Engine, error) {
	if a.engine != nil {
		return a.engine, nil
	}
	engine, err := docker.Connect(docker.Options{Getenv: a.getenv, UserAgent: "tasks/" + version(), Warn: a.printWarning})
	if err != nil {
		return nil, &exitError{code: codeRunFailed, err: err}
	}
	a.engine = engine
	return engine, nil
}

// diagnose prints diagnostics. A compose project that could not be loaded has told its own story.
func (ws *Workspace) PrintDiagnostics(diags hcl.Diagnostics) error {
	for _, d := range diags {
		if projectErr, ok := d.Extra.(hclspec.ProjectError); ok {
			return asUsageError(projectErr.Err)
		}
	}
	return ws.app.printDiagnostics(ws.File.SourceFiles(), diags)
}
