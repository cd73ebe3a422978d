package lsp

import "context"

// references answers with all uses of the name at a place, in all files of the project.
func (s *Server) references(_ context.Context, p referenceParams) (any, error) {
	at, err := s.placeOf(p.positionParams)
	if err != nil {
		return nil, err
	}
	found := []Location{}
	o, ok := at.snapshot.at(at.file, at.offset)
	if !ok {
		return found, nil
	}
	for use := range at.snapshot.all(o.name) {
		if use.isDeclaration && !p.Context.IncludeDeclaration {
			continue
		}
		found = append(found, use.location())
	}
	if place, ok := s.servicePlace(at.snapshot, at.file.prefix(), o.text); ok && p.Context.IncludeDeclaration &&
		(o.kind == serviceName || o.kind == jobName) {
		found = append(found, place)
	}
	return found, nil
}
