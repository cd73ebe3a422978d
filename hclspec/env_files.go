package hclspec

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
)

// readEnvFile reads a dotenv file as Compose does. References and bare names are looked up in earlier files, in
// the file, and then in lookup.
func readEnvFile(path string, into map[string]*string, lookup func(string) (string, bool)) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file %s", path)
	}
	if err != nil {
		return err
	}
	defer file.Close()
	values, err := dotenv.ParseWithLookup(file, func(name string) (string, bool) {
		if value, set := into[name]; set && value != nil {
			return *value, true
		}
		return lookup(name)
	})
	if err != nil {
		return fmt.Errorf("%s is not a dotenv file: %s", path, dotenvMistake(err))
	}
	for name, value := range values {
		into[name] = &value
	}
	return nil
}

// dotenvMistake returns the place of a mistake in a dotenv file. The text of the error may be a secret of the file.
func dotenvMistake(err error) string {
	var line int
	if _, scanErr := fmt.Sscanf(err.Error(), "line %d:", &line); scanErr != nil {
		return "a line is no NAME=VALUE, or its quotes are not closed"
	}
	return fmt.Sprintf("line %d is no NAME=VALUE, or its quotes are not closed", line)
}

// setEnvFiles reads the files at once. A mistake in a file then has the place of the file's name.
func setEnvFiles(d *taskDraft, v cty.Value) error {
	files, err := ctyconv.AsList(v)
	if err != nil {
		return err
	}
	d.fileEnv = map[string]*string{}
	for _, file := range files {
		name := file
		if !filepath.IsAbs(file) {
			file = filepath.Join(d.attributeDir, file)
		}
		if err := readEnvFile(file, d.fileEnv, d.in.Env); err != nil {
			return ctyconv.WithPathStep(ctyconv.ElementKeyOf(v, name), err)
		}
		d.task.EnvFiles = append(d.task.EnvFiles, file)
	}
	return nil
}

// setPassEnv takes names or globs of names, and copies the matching environment of `tasks`.
func setPassEnv(d *taskDraft, v cty.Value) error {
	globs, err := ctyconv.AsList(v)
	if err != nil {
		return err
	}
	for _, glob := range globs {
		if _, err := path.Match(glob, ""); err != nil || glob == "" || strings.Contains(glob, "=") {
			return ctyconv.WithPathStep(ctyconv.ElementKeyOf(v, glob),
				fmt.Errorf("%q is not the name of an environment variable: write \"CI\" or \"AWS_*\"", glob))
		}
	}
	d.passEnv = matchingEnv(globs, d.in.Environ())
	return nil
}

// matchingEnv returns the variables of an environment (KEY=VALUE) that match globs.
func matchingEnv(globs, environ []string) map[string]*string {
	picked := map[string]*string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		for _, glob := range globs {
			if match, _ := path.Match(glob, name); match && name != "" {
				picked[name] = &value
			}
		}
	}
	return picked
}
