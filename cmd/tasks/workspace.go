package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	"tasks/internal/state"
)

// workspace is a read Tasks.hcl and what it belongs to. It is made anew for each command, and for each rerun of watch.
type workspace struct {
	app *app
	// paths are the files that were read, absolute.
	paths  []string
	file   *hclspec.File
	inputs hclspec.Inputs
	// project loads the compose project, once, when first asked for.
	project func() (*composeproject.Project, error)
	// included do the same for included files with a compose block of their own, by scope.
	included map[string]func() (*composeproject.Project, error)
}

// open finds and reads the files of the language, and tells of their mistakes. A file with errors still gives a workspace,
// beside the error.
func (a *app) open() (*workspace, error) {
	ws, diags, err := a.read()
	if err != nil {
		return nil, err
	}
	if !diags.HasErrors() {
		diags = append(diags, ws.file.Undeclared(ws.inputs)...)
	}
	return ws, a.diagnose(ws.file.Files(), diags)
}

// read finds and reads the files of the language.
func (a *app) read() (*workspace, hcl.Diagnostics, error) {
	paths, err := a.taskFiles()
	if err != nil {
		return nil, nil, err
	}
	sources, err := a.sources(paths)
	if err != nil {
		return nil, nil, err
	}
	parser, err := a.parser(filepath.Dir(paths[0]))
	if err != nil {
		return nil, nil, err
	}
	file, diags := parser.Parse(sources)
	ws := &workspace{app: a, paths: paths, file: file}
	ws.inputs, ws.project = ws.facts(filepath.Dir(paths[0]))
	return ws, diags, nil
}

// openProject is for commands that need a compose project only. Tasks.hcl is read where there is one, because it may say
// which project this is; else the compose files alone do.
func (a *app) openProject() (*workspace, error) {
	if _, err := a.taskFiles(); err == nil {
		return a.open()
	}
	root := a.composeRoot()
	parser, err := a.parser(root)
	if err != nil {
		return nil, err
	}
	parser.Values.Found = nil // there is no Tasks.hcl that they could stand beside
	file, diags := parser.Parse(nil)
	ws := &workspace{app: a, file: file}
	ws.inputs, ws.project = ws.facts(root)
	return ws, a.diagnose(file.Files(), diags)
}

// composeRoot is the directory of the compose file that Compose would find from here.
func (a *app) composeRoot() string {
	if a.flags.projectDirectory != "" {
		return a.path(a.flags.projectDirectory)
	}
	if len(a.flags.composeFiles) > 0 {
		return filepath.Dir(a.path(a.flags.composeFiles[0]))
	}
	if files := a.getenv(consts.ComposeFilePath); files != "" {
		separator := cmp.Or(a.getenv(consts.ComposePathSeparator), string(os.PathListSeparator))
		first, _, _ := strings.Cut(files, separator)
		return filepath.Dir(a.path(first))
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

// display is a path as messages call it: relative to the working directory where that is shorter.
func (a *app) display(path string) string {
	if rel, err := filepath.Rel(a.cwd, path); err == nil && len(rel) < len(path) {
		return rel
	}
	return path
}

const (
	tasksFile   = "Tasks.hcl"
	tasksSuffix = ".tasks.hcl"
)

// taskFiles are the files given by -f or TASKS_FILE, else Tasks.hcl of the working directory or its nearest ancestor, with
// every *.tasks.hcl beside it.
func (a *app) taskFiles() ([]string, error) {
	if len(a.flags.files) > 0 {
		return a.paths(a.flags.files), nil
	}
	if file := a.getenv("TASKS_FILE"); file != "" {
		return a.paths(filepath.SplitList(file)), nil
	}
	for dir := a.cwd; ; dir = filepath.Dir(dir) {
		main := filepath.Join(dir, tasksFile)
		if info, err := os.Stat(main); err == nil && info.Mode().IsRegular() {
			return append([]string{main}, beside(dir, tasksSuffix)...), nil
		}
		if dir == filepath.Dir(dir) {
			return nil, usageError("no %s in %s or any directory above it: write one there, or name a file with -f", tasksFile, a.cwd)
		}
	}
}

// facts are what expressions can see of the world.
func (ws *workspace) facts(root string) (hclspec.Inputs, func() (*composeproject.Project, error)) {
	a := ws.app
	in := hclspec.Inputs{
		Vars: map[string]string{}, Env: a.env, Environ: func() []string { return a.environ },
		Root: root, Cwd: a.cwd, OS: runtime.GOOS, Arch: runtime.GOARCH,
		UID: strconv.Itoa(os.Getuid()), GID: strconv.Itoa(os.Getgid()),
	}
	for _, v := range a.flags.vars {
		name, value, _ := strings.Cut(v, "=")
		in.Vars[name] = value
	}
	project := sync.OnceValues(func() (*composeproject.Project, error) { return ws.loadProject(in, "") })
	in.Project = func() (hclspec.Project, error) { return project() }
	ws.included = map[string]func() (*composeproject.Project, error){}
	for _, scope := range ws.file.Scopes() {
		ws.included[scope] = sync.OnceValues(func() (*composeproject.Project, error) { return ws.loadProject(in, scope) })
	}
	in.Included = func(scope string) (hclspec.Project, error) { return ws.included[scope]() }
	return in, project
}

// checkFlags finds what is wrong with --var before anything is read.
func (a *app) checkFlags() error {
	for _, v := range a.flags.vars {
		if name, _, found := strings.Cut(v, "="); !found || name == "" {
			return usageError("--var %s: write --var NAME=VALUE", v)
		}
	}
	return nil
}

// loadProject loads the compose project that the compose block of a scope and the flags name. Beside a Tasks.hcl, but without any
// compose file, the project has no services, but a name and a network for image tasks.
func (ws *workspace) loadProject(in hclspec.Inputs, scope string) (*composeproject.Project, error) {
	if !ws.app.offline {
		ws.app.greet()
	}
	block, diags := ws.file.ComposeOf(in, scope)
	if err := ws.app.diagnose(ws.file.Files(), diags); err != nil {
		return nil, err
	}
	opts := ws.optionsIn(scope, block, in.Root)
	if len(ws.paths) == 0 {
		opts.WorkingDir = ws.app.cwd // where Compose starts to look, also for the files of COMPOSE_FILE and for .env
	}
	if ws.app.mayKeep {
		opts.Verdicts = verdicts{state.Open(in.Root)}
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
		opts.Files = a.paths(a.flags.composeFiles)
	}
	if a.flags.projectName != "" {
		opts.Name = a.flags.projectName
	}
	if a.flags.projectDirectory != "" {
		opts.ProjectDirectory = a.path(a.flags.projectDirectory)
	}
	opts.Profiles = append(slices.Clone(opts.Profiles), a.flags.profiles...)
	if len(a.flags.envFiles) > 0 {
		opts.EnvFiles = a.paths(a.flags.envFiles)
	}
	return opts
}

// asUsage ends the program for a compose project that cannot be loaded, unless that has been told already.
func asUsage(err error) error {
	if _, told := errors.AsType[*exitError](err); told {
		return err
	}
	return &exitError{code: codeUsage, err: err}
}

// warn tells what the engine, or the mapping to it, cannot do and does without.
func (a *app) warn(text string) {
	if a.shown != nil {
		a.shown.Say("warning: " + text) // something may be live below
		return
	}
	fmt.Fprintln(a.err(), "warning: "+text)
}

// greet speaks to the engine meanwhile: who needs the project needs it. What is wrong with it the first call tells.
func (a *app) greet() {
	if engine, err := a.connect(); err == nil {
		go func() { _, _ = engine.APIVersion(context.Background()) }()
	}
}

// connect finds the engine, once; nothing is sent yet.
func (a *app) connect() (*docker.Engine, error) {
	if a.engine != nil {
		return a.engine, nil
	}
	engine, err := docker.Connect(docker.Options{Getenv: a.getenv, UserAgent: "tasks/" + version(), Warn: a.warn})
	if err != nil {
		return nil, &exitError{code: codeRunFailed, err: err}
	}
	a.engine = engine
	return engine, nil
}

// diagnose prints diagnostics. A compose project that could not be loaded has told its own story.
func (ws *workspace) diagnose(diags hcl.Diagnostics) error {
	for _, d := range diags {
		if broken, ok := d.Extra.(hclspec.ProjectError); ok {
			return asUsage(broken.Err)
		}
	}
	return ws.app.diagnose(ws.file.Files(), diags)
}
