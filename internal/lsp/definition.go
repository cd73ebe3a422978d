package lsp

import (
	"context"
	"os"

	"tasks/hclspec/symbols"
	"tasks/internal/composefile"
)

// definition answers with the declaration of the name at a place. Services and jobs are declared in compose files.
func (s *Server) definition(_ context.Context, p positionParams) (any, error) {
	at, err := s.placeOf(p)
	if err != nil {
		return nil, err
	}
	o, ok := at.snapshot.at(at.file, at.offset)
	if !ok {
		return nil, nil
	}
	if o.kind == serviceName || o.kind == jobName {
		if place, ok := s.servicePlace(at.snapshot, at.file.prefix(), o.text); ok {
			return place, nil
		}
		return nil, nil
	}
	if declared, ok := at.snapshot.declaration(o.name); ok {
		return declared.location(), nil
	}
	return nil, nil
}

func (o occurrence) location() Location {
	return Location{o.file.uri, o.file.lines.rangeOf(o.span)}
}

// servicePlace returns the declaration of a service or job in the compose files.
func (s *Server) servicePlace(found *snapshot, prefix, service string) (Location, bool) {
	project := found.composeProject(prefix)
	if project == nil {
		return Location{}, false
	}
	file, line, column := project.Locations().Attribute(service)
	if line == 0 {
		return Location{}, false
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return Location{}, false
	}
	start, end := composefile.Span(text, line, column)
	return Location{s.docs.uriOf(file), newLines(text).rangeOf(symbols.Span{Start: start, End: end})}, true
}
