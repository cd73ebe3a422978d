package lsp

import (
	"context"
	"fmt"

	"github.com/creachadair/jrpc2"

	"tasks/hclspec"
)

// prepareRename answers with the name at a place, if the name can be changed.
func (s *Server) prepareRename(_ context.Context, p positionParams) (any, error) {
	at, err := s.placeOf(p)
	if err != nil {
		return nil, err
	}
	o, err := at.renamed()
	if err != nil {
		return nil, err
	}
	return PrepareRename{at.file.lines.rangeOf(o.span), o.text}, nil
}

// renamed returns the name at a place, or an error for the editor.
func (at filePlace) renamed() (occurrence, error) {
	o, ok := at.snapshot.at(at.file, at.offset)
	switch {
	case !ok:
		return o, jrpc2.Errorf(codeRequestFailed, "there is no name of the project here")
	case o.kind == serviceName || o.kind == jobName:
		return o, jrpc2.Errorf(codeRequestFailed, "%q is a name of the compose files: change the name there", o.text)
	}
	if _, ok := at.snapshot.declaration(o.name); !ok {
		return o, jrpc2.Errorf(codeRequestFailed, "%s %q is not declared in the files of this project", o.kind, o.text)
	}
	return o, nil
}

// rename answers with the edits that change a name in all files of the project. Closed files are read again: an edit
// for an older text would damage a file.
func (s *Server) rename(_ context.Context, p renameParams) (any, error) {
	if doc := s.docs.get(p.TextDocument.URI); doc != nil {
		if fresh := s.projects.of(doc.path).reload(); fresh.err != nil {
			return nil, jrpc2.Errorf(codeRequestFailed, "the files of the project cannot be read: %v", fresh.err)
		}
	}
	at, err := s.placeOf(p.positionParams)
	if err != nil {
		return nil, err
	}
	o, err := at.renamed()
	if err != nil {
		return nil, err
	}
	next := o.name
	next.text = p.NewName
	if !canBeNamed(o.kind, p.NewName) {
		return nil, jrpc2.Errorf(codeRequestFailed, "%q cannot be the name of a %s", p.NewName, o.kind)
	}
	if _, isTaken := at.snapshot.declaration(next); isTaken && next != o.name {
		return nil, jrpc2.Errorf(codeRequestFailed, "there is a %s %q already", o.kind, p.NewName)
	}
	edit := WorkspaceEdit{Changes: map[string][]TextEdit{}}
	for use := range at.snapshot.all(o.name) {
		span, text := use.span, p.NewName
		if use.isDotted && !isIdentifier(text) {
			span, text = use.access, fmt.Sprintf("[%q]", text)
		}
		edit.Changes[use.file.uri] = append(edit.Changes[use.file.uri], TextEdit{use.file.lines.rangeOf(span), text})
	}
	return edit, nil
}

// canBeNamed reports whether a text can be the name of a kind.
func canBeNamed(k kind, text string) bool {
	if k == taskName {
		return hclspec.IsTaskName(text)
	}
	return isIdentifier(text)
}
