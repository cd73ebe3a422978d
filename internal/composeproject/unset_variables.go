package composeproject

import (
	"cmp"
	"slices"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"

	"tasks/internal/composefile"
)

// collectUnset collects the variables without a value for OnUnset. compose-go itself warns in random order, without a
// place. Only the defaults of other variables still have warnings of compose-go.
func (l *projectLoader) collectUnset(o *loader.Options) {
	if l.OnUnset == nil || o.Interpolate == nil {
		return // without Interpolate, compose-go only looks for the readers of files
	}
	o.Interpolate.Substitute = func(text string, lookup template.Mapping) (string, error) {
		for _, name := range composefile.PlainVariables(text) {
			if _, isSet := lookup(name); !isSet && !slices.Contains(l.unset, name) {
				l.unset = append(l.unset, name)
			}
		}
		return template.SubstituteWithOptions(text, lookup, template.WithoutLogging)
	}
}

// reportUnset reports the collected variables, in the order of their first places in the files.
func (l *projectLoader) reportUnset(src *sources) {
	if len(l.unset) == 0 {
		return
	}
	places := map[string]location{}
	for _, file := range src.files {
		parsed := src.parseFile(file)
		for _, name := range l.unset {
			if places[name].line > 0 {
				continue
			}
			if line, column := composefile.FindVariable(parsed, name); line > 0 {
				places[name] = location{file: file, line: line, column: column}
			}
		}
	}
	slices.SortFunc(l.unset, func(a, b string) int {
		first, second := places[a], places[b]
		return cmp.Or(
			cmp.Compare(src.rank(first.file), src.rank(second.file)), cmp.Compare(first.line, second.line),
			cmp.Compare(first.column, second.column), cmp.Compare(a, b),
		)
	})
	for _, name := range l.unset {
		at := places[name]
		if src.stdin != nil && at.file == src.stdin.path {
			at.file = stdinName
		}
		place := ""
		if at.line > 0 {
			place = at.text(src.dir)
		}
		l.OnUnset(place, name)
	}
}
