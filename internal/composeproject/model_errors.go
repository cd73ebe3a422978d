package composeproject

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/interpolation"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/compose-spec/compose-go/v2/validation"

	"tasks/internal/composefile"
)

// modelErrors loads the parts of the files without mistakes, and returns the contradictions of the model. The result is
// not ok if these parts cannot be loaded either.
func (x *explainer) modelErrors(ctx context.Context, found composefile.Result) (all []*Error, ok bool) {
	details := types.ConfigDetails{
		WorkingDir: x.sources.dir, Environment: types.Mapping(x.options.Environment).Clone(),
	}
	for _, path := range x.options.ConfigPaths {
		i := slices.IndexFunc(found.Files, func(f *composefile.File) bool { return f.Path == path })
		content, ok := composefile.Clean(found.Files[i], found.Mistakes)
		if !ok {
			return nil, false
		}
		details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{Filename: path, Content: content})
	}
	m := modelChecker{explainer: x, broken: found.BrokenServices, details: details}
	if err := recoverPanic(func() (err error) {
		m.dict, err = loader.LoadModelWithContext(ctx, details, x.lenientOptions)
		return err
	}); err != nil {
		return nil, false
	}
	return m.check(), true
}

// lenientOptions are the options for incomplete files: without checks, and with wrong values of variables.
func (x *explainer) lenientOptions(o *loader.Options) {
	name := x.options.Name
	if name == "" {
		name = x.options.Environment[consts.ComposeProjectName]
	}
	o.SetProjectName(cmpName(name), true)
	o.SkipValidation, o.SkipConsistencyCheck, o.SkipResolveEnvironment = true, true, true
	profiles := activeProfiles(x.loader.Profiles, x.options.Environment)
	o.Profiles = append(slices.Clip(profiles), x.loader.OverlayProfiles...)
	strict := *o.Interpolate
	casts := map[tree.Path]interpolation.Cast{}
	for path, cast := range strict.TypeCastMapping {
		casts[path] = func(text string) (any, error) {
			if value, err := cast(text); err == nil {
				return value, nil
			}
			return nil, nil
		}
	}
	o.Interpolate = &interpolation.Options{
		LookupValue: strict.LookupValue, TypeCastMapping: casts,
		Substitute: func(text string, mapping template.Mapping) (string, error) {
			value, _ := template.SubstituteWithOptions(text, mapping, template.WithoutLogging)
			return value, nil
		},
	}
}

// cmpName returns a valid name of a project.
func cmpName(name string) string {
	if name = loader.NormalizeProjectName(name); name == "" {
		return "project"
	}
	return name
}

// modelChecker checks a model for contradictions.
type modelChecker struct {
	*explainer
	// broken are the services with a mistake in a file.
	broken  map[string]bool
	details types.ConfigDetails
	dict    map[string]any
	errors  []*Error
}

func (m *modelChecker) check() []*Error {
	project, err := m.project(m.dict, true)
	if err != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(project.Services)) {
		m.checkService(project, project.Services[name])
		if !m.broken[name] {
			m.checkAlone(name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(project.Jobs)) {
		m.checkJob(project, project.Jobs[name], name)
	}
	m.checkSections()
	m.checkCycles(project)
	return m.errors
}

// project makes a project of a part of the model.
func (m *modelChecker) project(dict map[string]any, isLenient bool) (project *types.Project, err error) {
	err = recoverPanic(func() (err error) {
		options := loader.ToOptions(&m.details, []func(*loader.Options){m.lenientOptions})
		options.SkipConsistencyCheck = isLenient
		project, err = loader.ModelToProject(cloneValue(dict).(map[string]any), options, m.details)
		return err
	})
	return project, err
}

// checkAlone checks a service without the references to other services. compose-go stops at the first contradiction of
// any service, in random order.
func (m *modelChecker) checkAlone(name string) {
	services, _ := m.dict["services"].(map[string]any)
	service, ok := cloneValue(services[name]).(map[string]any)
	if !ok {
		return
	}
	for _, reference := range []string{"depends_on", "links", "volumes_from", "profiles"} {
		delete(service, reference)
	}
	if build, ok := service["build"].(map[string]any); ok {
		delete(build, "additional_contexts")
	}
	for _, namespace := range []string{"network_mode", "ipc", "pid"} {
		if _, isShared := referencedService(service[namespace]); isShared {
			delete(service, namespace)
		}
	}
	part := maps.Clone(m.dict)
	part["services"] = map[string]any{name: service}
	delete(part, "jobs")
	delete(part, "secrets") // compose-go checks the secrets of all services here; checkSections does so too
	delete(service, "secrets")
	if _, err := m.project(part, false); err != nil {
		m.add(m.sources.locateError(err))
	}
}

// checkSections checks each network, volume, secret and config alone.
func (m *modelChecker) checkSections() {
	for _, section := range []string{"services", "networks", "volumes", "secrets", "configs"} {
		entries, _ := m.dict[section].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(entries)) {
			err := recoverPanic(func() error {
				return validation.Validate(map[string]any{section: map[string]any{name: entries[name]}})
			})
			if err != nil {
				m.add(m.sources.locateError(err))
			}
		}
	}
}

// add adds a mistake, unless the place has a mistake. A panic is no mistake of its own: the model lacks wrong values.
func (m *modelChecker) add(e *Error) {
	if _, isPanic := errors.AsType[*panicError](e.Err); isPanic {
		return
	}
	isCovered := slices.ContainsFunc(m.errors, func(have *Error) bool {
		return have.File == e.File && have.Line == e.Line && have.Column == e.Column
	})
	if !isCovered {
		m.errors = append(m.errors, e)
	}
}

// cloneValue copies maps and lists.
func cloneValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		clone := make(map[string]any, len(v))
		for key, item := range v {
			clone[key] = cloneValue(item)
		}
		return clone
	case []any:
		clone := make([]any, len(v))
		for i, item := range v {
			clone[i] = cloneValue(item)
		}
		return clone
	}
	return value
}
