package workspace

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
)

// LabelState tells how much is known of the project of a workspace by labels.
type LabelState struct {
	// NameOnly reports that only the name of the compose project is known: the files cannot be loaded.
	NameOnly bool
	// Notice is a warning about that; empty, if there is nothing to say.
	Notice string
	// HasFileErrors reports errors of the task files: not every sensitive value may be known.
	HasFileErrors bool
}

// OpenByLabels opens a workspace for a command that finds the resources of a project by labels. Such a command needs
// the name of the project and no more. Errors of the files come back as warnings, or go to the reporter. The error is
// set if the name is not known.
func OpenByLabels(config Config) (*Workspace, hcl.Diagnostics, error) {
	ws, diags, err := openReadable(config)
	if err != nil {
		return ws, nil, err
	}
	ws.Labels.HasFileErrors = diags.HasErrors()
	project, err := ws.Project("")
	if err == nil || isUntrusted(err) {
		return ws, asWarnings(diags), err
	}
	named, nameErr := projectByName(ws)
	if nameErr != nil {
		return ws, asWarnings(diags), nameErr
	}
	if !errors.Is(err, composeproject.ErrNoComposeFile) || config.Flags.ProjectName == "" {
		diags = append(diags, loadWarnings(ws, err)...)
		const notice = "going on with project %s by the labels of its resources alone"
		ws.Labels.Notice = fmt.Sprintf(notice, named.Name())
	}
	project, ws.Labels.NameOnly = named, true
	ws.loaders[""] = func() (*composeproject.Project, error) { return project, nil }
	return ws, asWarnings(diags), nil
}

// loadWarnings returns the diagnostics of a project that cannot be loaded. Other errors go to the reporter. The error
// of a compose block in a file with errors is a repetition.
func loadWarnings(ws *Workspace, err error) hcl.Diagnostics {
	_, isMistake := errors.AsType[*ComposeError](err)
	diags, isDiagnosed := errors.AsType[hcl.Diagnostics](err)
	switch {
	case !isDiagnosed:
		ws.config.warn(err.Error())
	case isMistake || !ws.Labels.HasFileErrors:
		return diags
	}
	return nil
}

// openReadable opens the readable part of the task files. Diagnostics may have errors. The error is for files of
// another user: they must not choose the project.
func openReadable(config Config) (*Workspace, hcl.Diagnostics, error) {
	ws, diags, err := OpenProject(config)
	if err == nil {
		return ws, diags, nil
	}
	if isUntrusted(err) {
		file, _ := hclspec.Parse(nil)
		return newWorkspace(config, file, config.WorkingDir), nil, err
	}
	config.warn(err.Error())
	root, hasTaskFiles := config.composeDirectory(), false
	var sources []hclspec.Source
	if paths, err := config.TaskFiles(); err == nil {
		root, hasTaskFiles = filepath.Dir(paths[0]), true
		sources, _ = config.readTaskFiles(paths) // the warning above tells of a missing file
	}
	file, diags := hclspec.Parser{Version: config.Version, ReadInclude: config.includeReader(root)}.Parse(sources)
	ws = newWorkspace(config, file, root)
	ws.hasTaskFiles = hasTaskFiles
	return ws, diags, nil
}

func isUntrusted(err error) bool {
	_, ok := errors.AsType[*UntrustedError](err)
	return ok
}

// projectByName returns the project by its name alone.
func projectByName(ws *Workspace) (*composeproject.Project, error) {
	block, diags := ws.File.ComposeForScope(ws.Inputs, "")
	if diags.HasErrors() {
		name, isKnown := ws.File.ProjectName(ws.Inputs)
		if !isKnown && ws.config.Flags.ProjectName == "" {
			return nil, append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError, Summary: "the name of the project is not known",
				Detail: "Give the name with --project-name.",
			})
		}
		block = hclspec.Compose{Project: name, Dir: ws.Root()}
	}
	project, err := composeproject.ByName(ws.composeOptions("", block))
	if err != nil {
		return nil, fmt.Errorf("the project is not known: %w", hideEnvFileText(err))
	}
	return project, nil
}

// asWarnings returns diagnostics with warnings in the place of errors.
func asWarnings(diags hcl.Diagnostics) hcl.Diagnostics {
	warnings := make(hcl.Diagnostics, len(diags))
	for i, d := range diags {
		warning := *d
		warning.Severity = hcl.DiagWarning
		warnings[i] = &warning
	}
	return warnings
}
