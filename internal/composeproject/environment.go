package composeproject

import (
	"os"
	"slices"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
)

// EnvVar is one name of a service's environment as the compose files give it, and where they do.
type EnvVar struct {
	Name  string
	Value string
	// File is absolute: the compose file, or the one of env_file. Line and Column are zero where only the file is known.
	File         string
	Line, Column int
	// IsFromFile says that env_file gives it.
	IsFromFile bool
}

// Environment lists the environment of a service, sorted by name. Names without a value are left out, as in its container.
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
			if v.File, v.Line, v.Column = p.AttributeLocation(service, "environment", name); v.File == "" {
				v.File, v.Line, v.Column = p.AttributeLocation(service, "environment") // written as a list
			}
		} else {
			v.File, v.IsFromFile = p.definingFile(declared.EnvFiles, name), true
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

// definingFile is the last of the files that has a name.
func (p *Project) definingFile(files []types.EnvFile, name string) string {
	found := ""
	for _, f := range files {
		file, err := os.Open(f.Path)
		if err != nil {
			continue // one that is not required
		}
		values := map[string]string{}
		err = dotenv.ParseWithFormat(file, f.Path, values, p.model.Environment.Resolve, f.Format)
		file.Close()
		if _, has := values[name]; err == nil && has {
			found = f.Path
		}
	}
	return found
}
