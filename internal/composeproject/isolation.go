package composeproject

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"tasks/internal/composefile"
)

// isolatedErrors loads each attribute of each service alone, and each network, volume, secret and config alone. Errors
// and panics of compose-go without a place get the place of the attribute. Attributes with a known mistake are left
// out.
func (x *explainer) isolatedErrors(ctx context.Context, found composefile.Result, known []*Error) []*Error {
	var all []*Error
	for _, f := range found.Files {
		for _, part := range composefile.Parts(f) {
			isKnown := slices.ContainsFunc(known, func(m *Error) bool {
				return m.File == f.Path && m.Line >= part.Key.Line && m.Line <= part.LastLine
			})
			if isKnown {
				continue
			}
			err := x.loadAlone(ctx, part.Document, len(known) == 0)
			if err == nil {
				continue
			}
			message := part.Path + ": " + oneLine(err.Error())
			if _, isPanic := errors.AsType[*panicError](err); isPanic {
				message = fmt.Sprintf("%s: the loader of Compose cannot read this value", part.Path)
			}
			all = append(all, &Error{
				File: f.Path, Line: part.Key.Line, Column: part.Key.Column, Message: message, Err: err, dir: x.sources.dir,
			})
		}
	}
	return all
}

// loadAlone loads a document without the checks of references. The files of labels are read only on request: the base
// of their paths is another one in included files.
func (x *explainer) loadAlone(ctx context.Context, document *yaml.Node, withLabelFiles bool) error {
	content, err := yaml.Marshal(document)
	if err != nil {
		return nil
	}
	details := types.ConfigDetails{
		WorkingDir: x.sources.dir, Environment: types.Mapping(x.options.Environment).Clone(),
		ConfigFiles: []types.ConfigFile{{Filename: x.options.ConfigPaths[0], Content: content}},
	}
	return recoverPanic(func() error {
		_, err := loader.LoadWithContext(ctx, details, x.lenientOptions, func(o *loader.Options) {
			o.SkipValidation, o.SkipResolveLabels = false, !withLabelFiles
		})
		return err
	})
}
