package workspace

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/consts"

	"tasks/hclspec"
	"tasks/internal/composefile"
	"tasks/internal/composeproject"
	"tasks/internal/coord"
)

// Project loads the compose project of a scope, once. The empty scope is the scope of the project's own files. A
// wrong compose block gives [hcl.Diagnostics] as the error.
func (ws *Workspace) Project(scope string) (*composeproject.Project, error) {
	if load, isFileScope := ws.loaders[scope]; isFileScope {
		return load()
	}
	load := ws.overlays[scope]
	if load == nil {
		load = sync.OnceValues(func() (*composeproject.Project, error) { return ws.loadProject(ws.blockInputs, scope) })
		ws.overlays[scope] = load
	}
	return load()
}

// projectEnv looks a name up in the environment of a scope's project. A project that cannot be loaded has no
// environment; the use of the project reports the error.
func (ws *Workspace) projectEnv(scope, name string) (string, bool) {
	project, err := ws.Project(scope)
	if err != nil {
		return "", false
	}
	value, isSet := project.Model().Environment[name]
	return value, isSet
}

// loadProject loads the compose project that the compose block of a scope and the flags select. Beside a Tasks.hcl, a
// project without any compose file is empty: the project has a name, and a network for image tasks.
func (ws *Workspace) loadProject(in hclspec.Inputs, scope string) (*composeproject.Project, error) {
	if !ws.config.IsOffline {
		ws.config.Engine.negotiateAsync()
	}
	block, diags := ws.File.ComposeForScope(in, scope)
	if diags.HasErrors() {
		return nil, diags
	}
	opts := ws.composeOptions(scope, block)
	if ws.config.WritesState {
		opts.ValidationCache = validationCache{coord.OpenProjectDir(in.Root)}
	}
	load := composeproject.Load
	if ws.config.LoadProject != nil {
		load = ws.config.LoadProject
	}
	project, err := load(context.Background(), opts)
	if errors.Is(err, composeproject.ErrNoComposeFile) && len(opts.Files) == 0 && ws.hasTaskFiles {
		return composeproject.Empty(opts.Name, cmp.Or(opts.ProjectDirectory, block.Dir), opts.Environ)
	}
	if err != nil {
		return nil, hideEnvFileText(ws.explainCompose(err))
	}
	return project, ws.config.checkComposeFiles(project)
}

// envFileError is an error without the text of a dotenv file.
type envFileError struct {
	text  string
	cause error
}

func (e *envFileError) Error() string { return e.text }

// Unwrap returns the cause.
func (e *envFileError) Unwrap() error { return e.cause }

// hideEnvFileText removes the text of a dotenv file from an error.
func hideEnvFileText(err error) error {
	if text := withoutEnvFileText(err.Error()); text != err.Error() {
		return &envFileError{text, err}
	}
	return err
}

// withoutEnvFileText removes the text of a dotenv file from an error of compose-go. The file may be any file of the
// user, and its values may be secrets. The number of the line stays.
func withoutEnvFileText(message string) string {
	for _, before := range []string{"unterminated quoted value", "in variable name"} {
		if start, _, found := strings.Cut(message, before); found {
			return start + before
		}
	}
	return message
}

// checkComposeFiles returns an [*UntrustedError] for a compose file of another user.
func (c Config) checkComposeFiles(project *composeproject.Project) error {
	for _, path := range project.Model().ComposeFiles {
		if info, err := os.Stat(path); err == nil { // no file: the standard input
			if err := c.checkOwner(path, info); err != nil {
				return err
			}
		}
	}
	return nil
}

// composeOptions returns the options for the compose project of a scope. The flags and variables that select files, a
// project, profiles or env files apply only to the scope of the project's own files.
func (ws *Workspace) composeOptions(scope string, block hclspec.Compose) composeproject.Options {
	opts := composeproject.Options{
		Files: block.Files, Name: block.Project, Profiles: block.Profiles, EnvFiles: block.EnvFiles,
		ProjectDirectory: block.ProjectDirectory, Stdin: ws.config.Stdin,
		OnUnset: ws.config.OnUnset,
	}
	if block.Project != "" {
		opts.NameSource = strings.TrimSpace("project of the compose block " + hclspec.PlaceText(block.Range))
	}
	fileScope, overlay := hclspec.SplitScope(scope, ws.Root())
	opts.OverlayFiles, opts.OverlayProfiles = overlay.Files, overlay.Profiles
	if fileScope != "" {
		opts.WorkingDir, opts.Environ = block.Dir, withoutComposeSelection(ws.config.Environ)
		return opts
	}
	opts.WorkingDir, opts.Environ = ws.Root(), ws.config.Environ
	if !ws.hasTaskFiles {
		// Compose starts its search here, also for .env and for the files of COMPOSE_FILE.
		opts.WorkingDir = ws.config.WorkingDir
	}
	ws.config.applyProjectFlags(&opts)
	return opts
}

// applyProjectFlags replaces options of the compose block by flags.
func (c Config) applyProjectFlags(opts *composeproject.Options) {
	if len(c.Flags.ComposeFiles) > 0 {
		opts.Files = nil
		for _, file := range c.Flags.ComposeFiles {
			path := c.AbsolutePath(file)
			if file == composeproject.Stdin || composefile.IsRemote(file) && !isRegularFile(path) {
				path = file
			}
			opts.Files = append(opts.Files, path)
		}
	}
	if c.Flags.ProjectName != "" {
		opts.Name, opts.NameSource = c.Flags.ProjectName, "--project-name"
	}
	if c.Flags.ProjectDirectory != "" {
		opts.ProjectDirectory = c.AbsolutePath(c.Flags.ProjectDirectory)
	}
	opts.Profiles = append(slices.Clone(opts.Profiles), c.Flags.Profiles...)
	if len(c.Flags.EnvFiles) > 0 {
		opts.EnvFiles = c.AbsolutePaths(c.Flags.EnvFiles)
	}
}

// withoutComposeSelection removes the variables that select a compose project from an environment.
func withoutComposeSelection(environ []string) []string {
	selectionNames := []string{
		consts.ComposeFilePath, consts.ComposeProjectName, consts.ComposeProfiles, "COMPOSE_ENV_FILES",
	}
	return slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(selectionNames, name)
	})
}

// composeDirectory returns the directory of the compose file that Compose would find from the working directory.
func (c Config) composeDirectory() string {
	if c.Flags.ProjectDirectory != "" {
		return c.AbsolutePath(c.Flags.ProjectDirectory)
	}
	if len(c.Flags.ComposeFiles) > 0 && c.Flags.ComposeFiles[0] != composeproject.Stdin {
		return filepath.Dir(c.AbsolutePath(c.Flags.ComposeFiles[0]))
	}
	if files := c.Getenv(consts.ComposeFilePath); files != "" {
		separator := cmp.Or(c.Getenv(consts.ComposePathSeparator), string(os.PathListSeparator))
		first, _, _ := strings.Cut(files, separator)
		return filepath.Dir(c.AbsolutePath(first))
	}
	for dir := c.WorkingDir; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		for _, name := range cli.DefaultFileNames {
			if isRegularFile(filepath.Join(dir, name)) {
				return dir
			}
		}
	}
	return c.WorkingDir
}

// ComposeFlags returns the flags with which Compose would find the project of a scope.
func (ws *Workspace) ComposeFlags(scope string) []string {
	block, _ := ws.File.ComposeForScope(ws.Inputs, scope) // the caller has loaded the project without errors
	options := ws.composeOptions(scope, block)
	var flags []string
	add := func(flag string, values ...string) {
		for _, value := range values {
			if value != "" {
				flags = append(flags, flag, value)
			}
		}
	}
	files := options.Files
	if project, err := ws.Project(scope); err == nil && len(options.OverlayFiles) > 0 {
		files = project.Model().ComposeFiles // with -f, Compose does not search
	}
	for _, file := range files {
		add("-f", ws.DisplayPath(file))
	}
	if options.ProjectDirectory != "" {
		add("--project-directory", ws.DisplayPath(options.ProjectDirectory))
	}
	add("-p", options.Name)
	add("--profile", slices.Concat(options.Profiles, options.OverlayProfiles)...)
	for _, file := range options.EnvFiles {
		add("--env-file", ws.DisplayPath(file))
	}
	return flags
}
