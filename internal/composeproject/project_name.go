package composeproject

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/utils"
	"go.yaml.in/yaml/v4"
)

// ByName returns a project without services, for files that [Load] refuses. The name comes from the same places as in
// Load: the options, COMPOSE_PROJECT_NAME, the files, the folder. Mistakes beside the name do not matter. A name that
// depends on a missing variable is an error, because another name would mean another project.
func ByName(opts Options) (*Project, error) {
	l := &projectLoader{Options: opts, environment: utils.GetAsEqualsMap(opts.Environ)}
	if err := checkName(opts.NameSource, opts.Name); err != nil {
		return nil, err
	}
	files, dir := l.readableOptions()
	variable := l.environment[consts.ComposeProjectName]
	if err := checkNameVariable(opts.Name, variable); err != nil {
		return nil, err
	}
	name := cmp.Or(opts.Name, variable)
	if name == "" {
		var err error
		if name, err = l.nameInFiles(files); err != nil {
			return nil, err
		}
	}
	return Empty(name, dir, opts.Environ)
}

// checkNameVariable returns an error for a wrong name in COMPOSE_PROJECT_NAME. A name of the options has priority.
func checkNameVariable(name, variable string) error {
	if name != "" {
		return nil
	}
	return checkName(consts.ComposeProjectName, variable)
}

// checkName returns an error for a wrong name, with the source of the name; empty: unknown.
func checkName(source, name string) error {
	valid := loader.NormalizeProjectName(name)
	if name == valid {
		return nil
	}
	if source != "" {
		source += ": "
	}
	hint := ""
	if valid != "" {
		hint = fmt.Sprintf(", for example %q", valid)
	}
	return fmt.Errorf("%s%q is no project name: a name has lower-case letters, digits, dashes and underscores, and "+
		"starts with a letter or digit%s", source, name, hint)
}

// readableOptions returns the existing compose files and the project directory, and completes the environment. Missing
// and broken files are skipped.
func (l *projectLoader) readableOptions() (files []string, dir string) {
	if options, err := l.projectOptions(); err == nil {
		maps.Copy(l.environment, options.Environment)
		return options.ConfigPaths, l.projectDir(options)
	}
	named := l.Files
	if value := l.environment[consts.ComposeFilePath]; len(named) == 0 && value != "" {
		separator := l.environment[consts.ComposePathSeparator]
		if separator == "" {
			separator = string(os.PathListSeparator)
		}
		named = strings.Split(value, separator)
	}
	if len(named) == 0 {
		search := &cli.ProjectOptions{WorkingDir: l.searchDir()}
		if cli.WithDefaultConfigPath(search) == nil {
			named = search.ConfigPaths
		}
	}
	dir = l.searchDir()
	if len(named) > 0 && l.ProjectDirectory == "" {
		dir = filepath.Dir(l.absolute(named[0]))
	}
	for _, file := range named {
		files = append(files, l.absolute(file))
	}
	l.adoptNameVariable(dir)
	return files, dir
}

// adoptNameVariable reads COMPOSE_PROJECT_NAME from env files with mistakes in other lines.
func (l *projectLoader) adoptNameVariable(dir string) {
	if l.environment[consts.ComposeProjectName] != "" {
		return
	}
	files := l.explicitEnvFiles()
	if len(files) == 0 {
		files = []string{filepath.Join(dir, ".env")}
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
			if !strings.Contains(lines.Text(), consts.ComposeProjectName) {
				continue
			}
			values, err := dotenv.UnmarshalWithLookup(lines.Text(), nil)
			if name := values[consts.ComposeProjectName]; err == nil && name != "" {
				l.environment[consts.ComposeProjectName] = name
			}
		}
	}
}

// nameInFiles returns the name of the last file with a name, as Compose does.
func (l *projectLoader) nameInFiles(files []string) (string, error) {
	var name, file string
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if found := nameInFile(content); found != "" {
			name, file = found, path
		}
	}
	value, err := template.Substitute(name, func(variable string) (string, bool) {
		value, isSet := l.environment[variable]
		return value, isSet
	})
	if err != nil {
		return "", fmt.Errorf("%s: the name %q of the project cannot be computed: %w. Give the name with --project-name",
			file, name, err)
	}
	return loader.NormalizeProjectName(value), nil
}

// nameLine is a line with the top-level name of a compose file.
var nameLine = regexp.MustCompile(`(?m)^["']?name["']?[ \t]*:.*$`)

// nameInFile returns the top-level name of a compose file. In a file with a wrong syntax, the line of the name counts.
func nameInFile(content []byte) string {
	var document struct {
		Name string `yaml:"name"`
	}
	name, decoder := "", yaml.NewDecoder(bytes.NewReader(content))
	for {
		document.Name = ""
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return name
		}
		if err != nil {
			break
		}
		name = cmp.Or(document.Name, name)
	}
	if line := nameLine.Find(content); line != nil && yaml.Unmarshal(line, &document) == nil {
		return document.Name
	}
	return name
}
