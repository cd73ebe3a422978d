package composeproject

import (
	"os"
	"slices"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
)

// EnvVar is a variable of a service's environment, with the place of its definition.
type EnvVar struct {
	Name  string
	Value string
	// File is the absolute path of the compose file or of the env_file. Line and Column are zero for an env_file.
	File         string
	Line, Column int
	// IsFromFile reports whether an env_file defines the variable.
	IsFromFile bool
}

// Environment lists the environment of a service, sorted by name. A name without a value is left out, as in the
// container.
func (p *Project) Environment(service string) ([]EnvVar, error) {
	selected, err := p.Select([]string{service})
	if err != nil {
		return nil, err
	}
	declared, _ := p.Service(service)
	var all []EnvVar
	for name, value := range selected.Model().Services[service].Environment {
		if value == nil {
			continue
		}
		v := EnvVar{Name: name, Value: *value}
		if _, own := declared.Environment[name]; own {
			if v.File, v.Line, v.Column = p.Locations().Attribute(service, "environment", name); v.File == "" {
				v.File, v.Line, v.Column = p.Locations().Attribute(service, "environment") // the environment is a list
			}
		} else {
			v.File, v.IsFromFile = definingFile(declared.EnvFiles, name, p.model.Environment), true
		}
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b EnvVar) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return all, nil
}

// definingFile returns the last of the files with a value for the name.
func definingFile(files []types.EnvFile, name string, environment types.Mapping) string {
	found := ""
	for _, f := range files {
		file, err := os.Open(f.Path)
		if err != nil {
			continue // not required
		}
		values := map[string]string{}
		err = dotenv.ParseWithFormat(file, f.Path, values, environment.Resolve, f.Format)
		file.Close()
		if _, has := values[name]; err == nil && has {
			found = f.Path
		}
	}
	return found
}
