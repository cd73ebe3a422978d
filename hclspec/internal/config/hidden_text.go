package config

import (
	"maps"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/diag"
)

// A repository may include any file of the user, or link to one. An error must not show a line of such a file: the file
// may hold keys or passwords. [Source].IsTextHidden marks these files.

// hideText replaces the diagnostics in files with a hidden text. A file without errors is a file of the language,
// and is treated like any other. One error for each file is enough.
func (f *File) hideText() {
	var shown hcl.Diagnostics
	withError := map[string]bool{}
	for _, d := range f.Diags {
		path, isHidden := "", false
		if d.Subject != nil {
			path, isHidden = f.hiddenPaths[d.Subject.Filename]
		}
		switch {
		case !isHidden:
			shown = append(shown, d)
		case d.Severity == hcl.DiagError && !withError[d.Subject.Filename]:
			withError[d.Subject.Filename] = true
			shown = append(shown, diag.ErrorAt(*d.Subject, "a file outside of the project has an error",
				"The text is not shown: the file may be no file of tasks, and may hold a secret. To see the error, name the "+
					"file: tasks validate -f %s", path))
		}
	}
	f.Diags, f.hasHiddenError = shown, withError
}

// ShownFiles returns the sources by name, without files with a hidden text and an error.
func (f *File) ShownFiles() map[string]*hcl.File {
	if len(f.hasHiddenError) == 0 {
		return f.Files
	}
	shown := maps.Clone(f.Files)
	maps.DeleteFunc(shown, func(name string, _ *hcl.File) bool { return f.hasHiddenError[name] })
	return shown
}

// addSource records the place of a source in the order of all sources.
func (f *File) addSource(source Source) {
	if _, isKnown := f.SourceOrder[source.Name]; !isKnown {
		f.SourceOrder[source.Name] = len(f.SourceOrder)
	}
	if source.IsTextHidden {
		f.hiddenPaths[source.Name] = source.Path
	}
}
