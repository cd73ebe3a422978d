package composeproject

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
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

	"tasks/internal/composefile"
)

// ErrNoComposeFile reports that no compose file was named and none was found.
var ErrNoComposeFile = errors.New("no compose file found")

// Options select the project to load, like the global options of Compose. A relative path starts at WorkingDir.
type Options struct {
	// Files are the compose files; later files override earlier files. Default: COMPOSE_FILE, then the search.
	Files []string
	// OverlayFiles follow the other files, also found files. OverlayProfiles are active beside the other profiles.
	OverlayFiles, OverlayProfiles []string
	// Name is the project's name. Default: COMPOSE_PROJECT_NAME, then the name in a file, then the folder's name.
	Name string
	// NameSource is the flag or the place with Name, for messages.
	NameSource string
	// Profiles are the active profiles. Default: COMPOSE_PROFILES.
	Profiles []string
	// EnvFiles replace .env. Default: COMPOSE_ENV_FILES.
	EnvFiles []string
	// ProjectDirectory is the base of relative paths in the files. Default: the folder of the first file.
	ProjectDirectory string
	// WorkingDir is the folder where the search for a compose file starts. The search continues in parent folders.
	WorkingDir string
	// Environ replaces the process environment, in the form of os.Environ.
	Environ []string
	// Stdin reads the standard input for the file "-". Nil: the file "-" is an error.
	Stdin func() ([]byte, error)
	// ValidationCache remembers valid input, to skip repeated checks. Nil: Load checks everything.
	ValidationCache ValidationCache
	// OnUnset gets the variables without a value, each with the first place in the files: "compose.yaml:4:12", or empty.
	// Nil: the warnings of compose-go.
	OnUnset func(place, name string)
}

// Load loads the project as Compose does, so the hashes are the same. The project keeps all profiles. [Project.Select]
// drops profiles and reads env_file. Broken files give a [*LoadError], a missing compose file [ErrNoComposeFile].
func Load(ctx context.Context, opts Options) (*Project, error) {
	registerRawFormat()
	if err := checkName(opts.NameSource, opts.Name); err != nil {
		return nil, err
	}
	l := &projectLoader{Options: opts, environment: utils.GetAsEqualsMap(opts.Environ)}
	defer l.removeStdin()
	options, err := l.projectOptions()
	if err != nil {
		return nil, err
	}
	if err := checkNameVariable(l.Name, options.Environment[consts.ComposeProjectName]); err != nil {
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
	src.stdin = l.stdin
	var model *types.Project
	err = recoverPanic(func() (err error) {
		model, err = l.loadModel(ctx, options, src)
		return err
	})
	l.reportUnset(src)
	x := &explainer{loader: l, options: options, sources: src}
	if err != nil {
		return nil, x.explain(ctx, err)
	}
	if l.stdin != nil {
		model.ComposeFiles[slices.Index(model.ComposeFiles, l.stdin.path)] = Stdin
		src.nameStdin()
	}
	if model, err = resolveLabels(model); err != nil {
		return nil, x.explain(ctx, err)
	}
	return &Project{
		model: model, volumes: model.Volumes, declaredSecrets: model.Secrets, separator: nameSeparator(model.Environment),
		envFiles: l.explicitEnvFiles(), envFileNames: x.envFileNames(), sources: src,
	}, nil
}

func (l *projectLoader) noComposeFile() error {
	return fmt.Errorf("%w: looked for %s in %s and the folders above it", ErrNoComposeFile,
		strings.Join(cli.DefaultFileNames, ", "), l.searchDir())
}

// nameSeparator returns "-" as in Compose v2, or "_" in the compatibility mode (COMPOSE_COMPATIBILITY).
func nameSeparator(environment types.Mapping) separator {
	if utils.StringToBool(environment["COMPOSE_COMPATIBILITY"]) {
		return "_"
	}
	return "-"
}

// projectLoader is a call of Load. The with… methods are options of compose-go that read the given environment instead
// of the process environment.
type projectLoader struct {
	Options
	environment map[string]string
	// stdin is the file "-", if a file has this name.
	stdin *stdinFile
	// unset are the variables without a value in the files.
	unset []string
}

// projectOptions applies the options in Compose's order: later options see the values of earlier options.
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
		cli.WithoutLabelsResolution,
		cli.WithWorkingDirectory(l.absolute(l.ProjectDirectory)),
		l.withStdinDirectory,
		cli.WithEnv(l.environ()),
		l.withEnvFiles,
		cli.WithDotEnv,
		l.withConfigFileEnv,
		l.withStdinDirectory,
		l.withDefaultConfigPath,
		// Only now is the project directory known; another .env may be there.
		l.withEnvFiles,
		cli.WithDotEnv,
		l.withOverlay,
		cli.WithName(l.Name),
		cli.WithLoadOptions(l.collectUnset),
	)
}

// environ returns the environment, with a PWD if the shell set none.
func (l *projectLoader) environ() []string {
	environ := []string{"PWD=" + l.WorkingDir}
	for key, value := range l.environment {
		environ = append(environ, key+"="+value)
	}
	return environ
}

// adoptComposeVariables adds the COMPOSE_… variables of .env to the environment, before all other options. Compose
// exports these variables to its own process.
func (l *projectLoader) adoptComposeVariables() error {
	files, err := l.namedFiles(l.Files)
	if err == nil {
		err = l.checkEnvFiles()
	}
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

// explicitEnvFiles returns the env files of the options, or of COMPOSE_ENV_FILES.
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

// checkEnvFiles checks that the env files exist.
func (l *projectLoader) checkEnvFiles() error {
	for _, file := range l.explicitEnvFiles() {
		_, err := os.Stat(file)
		if err != nil {
			err = fmt.Errorf("env file %s: %w", file, errors.Unwrap(err))
		}
		if err != nil && len(l.EnvFiles) == 0 {
			err = fmt.Errorf("COMPOSE_ENV_FILES: %w", err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// withEnvFiles adds the explicit env files, or else the .env of the project directory unless disabled.
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

// withConfigFileEnv adds the files in COMPOSE_FILE.
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

// withDefaultConfigPath searches upwards, with compose-go's rules for names and override files.
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

// withOverlay adds the files of the overlay, and sets the profiles.
func (l *projectLoader) withOverlay(o *cli.ProjectOptions) error {
	files, err := l.namedFiles(l.OverlayFiles)
	if err != nil {
		return err
	}
	o.ConfigPaths = append(slices.Clip(o.ConfigPaths), files...)
	if len(l.OverlayProfiles) == 0 {
		return cli.WithDefaultProfiles(l.Profiles...)(o)
	}
	return cli.WithProfiles(append(slices.Clip(activeProfiles(l.Profiles, o.Environment)), l.OverlayProfiles...))(o)
}

// activeProfiles returns the profiles of the options, or else of COMPOSE_PROFILES.
func activeProfiles(profiles []string, environment map[string]string) []string {
	if len(profiles) > 0 {
		return profiles
	}
	separator := func(r rune) bool { return r == ',' || r == ' ' }
	return strings.FieldsFunc(environment[consts.ComposeProfiles], separator)
}

func (l *projectLoader) searchDir() string {
	if l.ProjectDirectory != "" {
		return l.absolute(l.ProjectDirectory)
	}
	return l.WorkingDir
}

// namedFiles makes the paths absolute and checks that the files exist.
func (l *projectLoader) namedFiles(names []string) ([]string, error) {
	var files []string
	for _, name := range names {
		if name == Stdin {
			path, err := l.stdinPath()
			if err != nil {
				return nil, err
			}
			files = append(files, path)
			continue
		}
		file := l.absolute(name)
		_, err := os.Stat(file)
		if err != nil && composefile.IsRemote(name) {
			return nil, fmt.Errorf("compose file %s is remote, and tasks reads only local files: copy the file", name)
		}
		if err != nil {
			return nil, fmt.Errorf("compose file %s: %w", file, errors.Unwrap(err))
		}
		files = append(files, file)
	}
	return files, nil
}

// absolute returns an empty path unchanged.
func (l *projectLoader) absolute(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(l.WorkingDir, path)
}

// registerRawFormat adds the format of `env_file: {format: raw}` to compose-go, as Compose does. The table of formats
// is global in compose-go, so the registration runs once.
var registerRawFormat = sync.OnceFunc(func() { dotenv.RegisterFormat("raw", rawEnv) })

// rawEnv reads `key=value` lines like `docker run --env-file`: without interpolation, and with all quotes kept.
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
