package view

import (
	"fmt"
	"slices"
	"strings"

	"tasks/hclspec"
	"tasks/internal/composecall"
)

// Variable is a variable of a task's environment.
type Variable struct {
	Name string `json:"name"`
	// Value is null for a variable to unset.
	Value *string `json:"value"`
	// Source is the last source: "compose env_file", "compose environment", "shards", "pass_env",
	// "env_files" or "env".
	Source string `json:"source"`
	// Place is the file, with known line and column: "compose.yaml:7:5".
	Place string `json:"place,omitempty"`
	// Sensitive values are masked, and values from outside the files too. RunTime reports whether the value is deferred.
	Sensitive bool `json:"sensitive,omitempty"`
	RunTime   bool `json:"run_time,omitempty"`
}

// isFromOutside reports whether the value comes from the environment of `tasks` or from a dotenv file. Such values are
// often secrets, and nothing marks them.
func (v Variable) isFromOutside() bool {
	return slices.Contains([]string{"pass_env", "env_files", "compose env_file"}, v.Source)
}

// mergeEnvironment adds a task's own variables to the variables of the service.
func mergeEnvironment(variables []Variable, s *hclspec.TaskDetails) []Variable {
	merged := slices.Clone(variables)
	if merged == nil {
		merged = []Variable{}
	}
	for _, e := range s.Env {
		v := Variable{
			Name: e.Name, Value: e.Value, Source: e.Attr, Place: e.File,
			Sensitive: e.IsSensitive, RunTime: e.IsDeferred,
		}
		if e.File == "" {
			v.Place = fmt.Sprintf("%s:%d:%d", e.Range.Filename, e.Range.Start.Line, e.Range.Start.Column)
		}
		merged = slices.DeleteFunc(merged, func(other Variable) bool { return other.Name == v.Name })
		merged = append(merged, v)
	}
	for i, v := range merged {
		if v.Value == nil {
			continue
		}
		maskedValue := s.Secrets.Mask(*v.Value)
		if v.Sensitive || v.isFromOutside() {
			maskedValue = hclspec.Masked
		}
		merged[i].Sensitive = v.Sensitive || v.isFromOutside() || maskedValue != *v.Value
		merged[i].Value = &maskedValue
	}
	slices.SortFunc(merged, func(a, b Variable) int { return strings.Compare(a.Name, b.Name) })
	return merged
}

// AddComposeCall adds the closest call of Docker without `tasks`.
func (d *TaskDocument) AddComposeCall(project composecall.Project, s *hclspec.TaskDetails) {
	var variables []composecall.Variable
	for _, v := range d.Environment {
		if !strings.HasPrefix(v.Source, "compose ") {
			variables = append(variables, composecall.Variable{Name: v.Name, Value: v.Value, IsInherited: v.Sensitive})
		}
	}
	call := composecall.New(project, s, variables)
	d.ComposeRun, d.ComposeRunLacks = call.Command, call.Missing
}
