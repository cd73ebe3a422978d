package composeproject

import (
	"fmt"
	"path/filepath"
	"strings"
)

// location is the place reached by following a path.
type location struct {
	file         string
	line, column int
	// depth is the number of found segments; isComplete reports whether all were found.
	depth      int
	isComplete bool
}

// text formats the place for messages. A file below dir has a relative name; a place without a file is empty.
func (l location) text(dir string) string {
	file := l.file
	if rel, err := filepath.Rel(dir, file); err == nil && !strings.HasPrefix(rel, "..") && file != "" {
		file = rel
	}
	switch {
	case l.line == 0:
		return file
	case l.column == 0:
		return fmt.Sprintf("%s:%d", file, l.line)
	default:
		return fmt.Sprintf("%s:%d:%d", file, l.line, l.column)
	}
}

// AttributeLocation returns where a compose file declares a service, or an attribute of the service, for instance
// "pre_start", "0", "per_replica". Line and column start at 1. All results are zero without a declaration.
func (p *Project) AttributeLocation(service string, path ...string) (file string, line, column int) {
	at := p.sources.locatePath(append([]string{p.sectionOf(service), service}, path...))
	if !at.isComplete {
		return "", 0, 0
	}
	return at.file, at.line, at.column
}

// ResourceLocation returns the place of the declaration of a network or volume. kind is the attribute: "networks". An
// undeclared resource, such as the default network, has no place.
func (p *Project) ResourceLocation(kind, key string) (file string, line, column int) {
	at := p.sources.locatePath([]string{kind, key})
	if !at.isComplete {
		return "", 0, 0
	}
	return at.file, at.line, at.column
}

// AttributeLocationText returns the place of a service's attribute for messages, "compose.yaml:7:5". The search
// includes services named by extends. If no file has the attribute, the place is the service's. isExact reports whether
// the place is that of the whole path. An undeclared service has an empty place.
func (p *Project) AttributeLocationText(service string, path ...string) (place string, isExact bool) {
	best, all := location{}, len(path)+declarationDepth
	for range maxExtends {
		at := p.sources.locateEffective(append([]string{p.sectionOf(service), service}, path...))
		if at.depth > best.depth {
			best = at
		}
		if service = p.sources.extendedService(service); at.depth == all || service == "" {
			break
		}
	}
	if best.depth < declarationDepth {
		return "", false
	}
	return best.text(p.sources.dir), best.depth == all
}

// sectionOf returns the section of the compose file that declares a service or job.
func (p *Project) sectionOf(name string) string {
	if p.IsJob(name) {
		return "jobs"
	}
	return "services"
}

const (
	// declarationDepth is the number of names in the path of a service or network.
	declarationDepth = 2
	// maxExtends limits the search for services that extend each other in a circle. The loader rejects such files.
	maxExtends = 16
)

// NetworkLocationText returns the place of a network's attribute, like [Project.AttributeLocationText]. If no file has
// the attribute, the place is the network's. An undeclared network has an empty place.
func (p *Project) NetworkLocationText(key string, path ...string) string {
	at := p.sources.locateEffective(append([]string{"networks", key}, path...))
	if at.depth < declarationDepth {
		return ""
	}
	return at.text(p.sources.dir)
}
