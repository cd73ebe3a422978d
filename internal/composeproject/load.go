package composeproject

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/paths"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/compose-spec/compose-go/v2/utils"
	"github.com/docker/cli/pkg/kvfile"
)

// ErrNoComposeFile says that no compose file was named and none was found.
var ErrNoComposeFile = errors.New("no compose file found")

// Options say which project to load. They are the global options of Compose. Paths are absolute; a relative one starts at
// WorkingDir.
type Options struct {
	// Files are the compose files, the later ones laid over the earlier; none: COMPOSE_FILE, else those found.
	Files []string
	// Name of the project; empty: COMPOSE_PROJECT_NAME, else the one in a file, else that of the folder.
	Name string
	// Profiles that are active; none: COMPOSE_PROFILES.
	Profiles []string
	// EnvFiles take the place of .env; none: COMPOSE_ENV_FILES.
	EnvFiles []string
	// ProjectDirectory is what relative paths of the files start at; empty: the folder of the first file.
	ProjectDirectory string
	// WorkingDir is where the search for a compose file starts; it goes up from there.
	WorkingDir string
	// Environ is used in place of the process environment, as of os.Environ.
	Environ []string
	// ValidationCache spares the check of what is known to be valid; nil: everything is checked.
	ValidationCache ValidationCache
}

// Load loads the project as Compose does, so that what it hashes is the same. Profiles are not cut down and env_file is
// not read yet: that is [Project.Select]'s. A broken file gives an [*Error], none at all [ErrNoComposeFile].
func Load(ctx context.Context, opts Options) (*Project, error) {
	registerRawFormat()
	l := &projectLoader{Options: opts, environment: utils.GetAsEqualsMap(opts.Environ)}
	options, err := l.projectOptions()
	if err != nil {
		return nil, err
	}
	if len(options.ConfigPaths) == 0 {
		return nil, l.noComposeFile()
	}
	dir, err := options.GetWorkingDir()
	if err != nil {
		return nil, err
	}
	src := newSources(dir, options.ConfigPaths)
	model, err := l.loadModel(ctx, options, src)
	if err != nil {
		return nil, src.locateError(err)
	}
	return &Project{
		model: model, volumes: model.Volumes, separator: separator(model.Environment), envFiles: l.explicitEnvFiles(), sources: src,
	}, nil
}

func (l *projectLoader) noComposeFile() error {
	return fmt.Errorf("%w: looked for %s in %s and the folders above it", ErrNoComposeFile,
		strings.Join(cli.DefaultFileNames, ", "), l.searchDir())
}

// separator is "-" since Compose v2, and "_" in its compatibility mode.
func separator(environment types.Mapping) string {
	if utils.StringToBool(environment["COMPOSE_COMPATIBILITY"]) {
		return "_"
	}
	return "-"
}

// projectLoader is one call of Load. Its methods named with… are options of compose-go that read the given environment where
// compose-go's own would read the process's.
type projectLoader struct {
	Options
	environment map[string]string
}

// projectOptions applies the options in the order of Compose: what comes later sees what earlier ones have set.
func (l *projectLoader) projectOptions() (*cli.ProjectOptions, error) {
	if err := l.adoptComposeVariables(); err != nil {
		return nil, err
	}
	files, err := l.namedFiles(l.Files)
	if err != nil {
		return nil, err
	}
	return cli.NewProjectOptions(files,
		cli.WithoutEnvironmentResolution,
		cli.WithWorkingDirectory(l.absolute(l.ProjectDirectory)),
		cli.WithEnv(l.environ()),
		l.withEnvFiles,
		cli.WithDotEnv,
		l.withConfigFileEnv,
		l.withDefaultConfigPath,
		// The project directory is known only now, and it may have another .env.
		l.withEnvFiles,
		cli.WithDotEnv,
		cli.WithDefaultProfiles(l.Profiles...),
		cli.WithName(l.Name),
	)
}

// environ is the environment, with PWD where the shell gave none.
func (l *projectLoader) environ() []string {
	environ := []string{"PWD=" + l.WorkingDir}
	for key, value := range l.environment {
		environ = append(environ, key+"="+value)
	}
	return environ
}

// adoptComposeVariables takes the COMPOSE_… variables of .env into the environment, before anything else is looked at.
// Compose exports them to its own process.
func (l *projectLoader) adoptComposeVariables() error {
	files, err := l.namedFiles(l.Files)
	if err != nil {
		return err
	}
	early, err := cli.NewProjectOptions(files, cli.WithWorkingDirectory(l.absolute(l.ProjectDirectory)), l.withEnvFiles)
	if err != nil {
		return err
	}
	values, err := dotenv.GetEnvFromFile(l.environment, early.EnvFiles)
	if err != nil {
		return err
	}
	for key, value := range values {
		if _, set := l.environment[key]; !set && strings.HasPrefix(key, "COMPOSE_") {
			l.environment[key] = value
		}
	}
	return nil
}

// explicitEnvFiles are those of the options, or of COMPOSE_ENV_FILES.
func (l *projectLoader) explicitEnvFiles() []string {
	named := l.EnvFiles
	if len(named) == 0 {
		value := utils.GetAsEqualsMap(l.Environ)["COMPOSE_ENV_FILES"]
		named = strings.FieldsFunc(value, func(r rune) bool { return r == ',' })
	}
	var files []string
	for _, file := range named {
		files = append(files, l.absolute(paths.ExpandUser(file)))
	}
	return files
}

// withEnvFiles takes the explicit files, else the .env of the project directory, where that is not switched off.
func (l *projectLoader) withEnvFiles(o *cli.ProjectOptions) error {
	if o.EnvFiles = l.explicitEnvFiles(); len(o.EnvFiles) > 0 {
		return nil
	}
	if disabled, err := l.isEnvFileDisabled(); disabled || err != nil {
		return err
	}
	file := filepath.Join(l.projectDir(o), ".env")
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		o.EnvFiles = []string{file}
	}
	return nil
}

func (l *projectLoader) isEnvFileDisabled() (bool, error) {
	value, ok := l.environment[consts.ComposeDisableDefaultEnvFile]
	if !ok {
		return false, nil
	}
	disabled, err := strconv.ParseBool(value)
	if err != nil {
		return false, fmt.Errorf("%s=%q is neither true nor false", consts.ComposeDisableDefaultEnvFile, value)
	}
	return disabled, nil
}

func (l *projectLoader) projectDir(o *cli.ProjectOptions) string {
	switch {
	case o.WorkingDir != "":
		return o.WorkingDir
	case len(o.ConfigPaths) > 0:
		return filepath.Dir(o.ConfigPaths[0])
	default:
		return l.WorkingDir
	}
}

// withConfigFileEnv takes the files that COMPOSE_FILE names.
func (l *projectLoader) withConfigFileEnv(o *cli.ProjectOptions) error {
	value, ok := o.Environment[consts.ComposeFilePath]
	if len(o.ConfigPaths) > 0 || !ok {
		return nil
	}
	separator := o.Environment[consts.ComposePathSeparator]
	if separator == "" {
		separator = string(os.PathListSeparator)
	}
	files, err := l.namedFiles(strings.Split(value, separator))
	if err != nil {
		return fmt.Errorf("%s: %w", consts.ComposeFilePath, err)
	}
	o.ConfigPaths = files
	return nil
}

// withDefaultConfigPath searches upwards, with compose-go's own rules for names and override files.
func (l *projectLoader) withDefaultConfigPath(o *cli.ProjectOptions) error {
	if len(o.ConfigPaths) > 0 {
		return nil
	}
	search := &cli.ProjectOptions{WorkingDir: l.searchDir()}
	if err := cli.WithDefaultConfigPath(search); err != nil {
		return err
	}
	o.ConfigPaths = search.ConfigPaths
	return nil
}

func (l *projectLoader) searchDir() string {
	if l.ProjectDirectory != "" {
		return l.absolute(l.ProjectDirectory)
	}
	return l.WorkingDir
}

// namedFiles makes the paths absolute and checks that the files are there.
func (l *projectLoader) namedFiles(names []string) ([]string, error) {
	var files []string
	for _, name := range names {
		if name == "-" {
			return nil, errors.New("a compose file cannot be read from stdin, which belongs to the task: write it to a file")
		}
		file := l.absolute(name)
		if _, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("compose file %s: %w", file, errors.Unwrap(err))
		}
		files = append(files, file)
	}
	return files, nil
}

// absolute leaves an empty path empty.
func (l *projectLoader) absolute(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(l.WorkingDir, path)
}

// registerRawFormat makes compose-go know `env_file: {format: raw}`, as Compose does. The table of formats is compose-go's
// and global, hence once.
var registerRawFormat = sync.OnceFunc(func() { dotenv.RegisterFormat("raw", rawEnv) })

// rawEnv reads `key=value` lines as `docker run --env-file` does: nothing is interpolated, no quotes are taken off.
func rawEnv(r io.Reader, filename string, vars map[string]string, lookup func(string) (string, bool)) error {
	lines, err := kvfile.ParseFromReader(r, lookup)
	if err != nil {
		return fmt.Errorf("env_file %s: %w", filename, err)
	}
	for _, line := range lines {
		key, value, _ := strings.Cut(line, "=")
		vars[key] = value
	}
	return nil
}
