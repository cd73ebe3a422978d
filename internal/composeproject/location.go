package composeproject

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// location is the place reached by following a path.
type location struct {
	file         string
	line, column int
	// depth is the number of found segments; isComplete reports whether all were found.
	depth      int
	isComplete bool
	// value is the value of the last found key, or nil.
	value *yaml.Node
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

// Locations finds places in the compose files of a project. Lines and columns start at 1.
type Locations struct{ project *Project }

// Locations returns the places in the project's files.
func (p *Project) Locations() Locations { return Locations{p} }

// Attribute returns where a compose file declares a service, or an attribute of the service, for instance
// "pre_start", "0", "per_replica". All results are zero without a declaration.
func (l Locations) Attribute(service string, path ...string) (file string, line, column int) {
	at := l.project.sources.locatePath(append([]string{sectionOf(l.project, service), service}, path...))
	if !at.isComplete {
		return "", 0, 0
	}
	return at.file, at.line, at.column
}

// Resource returns the place of the declaration of a network or volume. kind is the attribute: "networks". An
// undeclared resource, such as the default network, has no place.
func (l Locations) Resource(kind, key string) (file string, line, column int) {
	at := l.project.sources.locatePath([]string{kind, key})
	if !at.isComplete {
		return "", 0, 0
	}
	return at.file, at.line, at.column
}

// AttributeText returns the place of a service's attribute for messages, "compose.yaml:7:5". The search
// includes services named by extends. If no file has the attribute, the place is the service's. isExact reports whether
// the place is that of the whole path. An undeclared service has an empty place.
func (l Locations) AttributeText(service string, path ...string) (place string, isExact bool) {
	at := l.effective(service, path)
	return at.text(l.project.sources.dir), at.depth == len(path)+declarationDepth
}

// Value returns the place of an attribute's text, as [Locations.AttributeText] finds the attribute. All
// results are zero for an undeclared service.
func (l Locations) Value(service string, path ...string) (file string, line, column int) {
	at := l.effective(service, path)
	if at.value != nil && at.value.Kind == yaml.ScalarNode {
		return at.file, at.value.Line, at.value.Column
	}
	return at.file, at.line, at.column
}

func (l Locations) effective(service string, path []string) location {
	best, all := location{}, len(path)+declarationDepth
	for range maxExtends {
		at := l.project.sources.locateEffective(append([]string{sectionOf(l.project, service), service}, path...))
		if at.depth > best.depth {
			best = at
		}
		if service = l.project.sources.extendedService(service); at.depth == all || service == "" {
			break
		}
	}
	if best.depth < declarationDepth {
		return location{}
	}
	return best
}

// mistake returns a mistake at an attribute of a service or job.
func (l Locations) mistake(service, message string, path ...string) error {
	at := l.effective(service, path)
	return l.project.sources.loadError([]*Error{{
		File: at.file, Line: at.line, Column: at.column, Message: message, dir: l.project.sources.dir,
	}})
}

// UnsetVariables explains the variables without a value in an attribute of a service, or returns an empty text.
func (l Locations) UnsetVariables(service string, path ...string) string {
	at := l.effective(service, path)
	if at.depth < len(path)+declarationDepth {
		return ""
	}
	return l.project.sources.unsetVariables(at.file, at.line, l.project.model.Environment, l.project.envFileNames)
}

// Content returns the content of a compose file of the project. The result is not ok for other files.
func (l Locations) Content(file string) (content []byte, ok bool) {
	if !slices.Contains(l.project.sources.files, file) {
		return nil, false
	}
	content, err := l.project.sources.read(file)
	return content, err == nil
}

// sectionOf returns the section of the compose file that declares a service or job.
func sectionOf(p *Project, name string) string {
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

// NetworkText returns the place of a network's attribute, like [Locations.AttributeText]. If no file has
// the attribute, the place is the network's. An undeclared network has an empty place.
func (l Locations) NetworkText(key string, path ...string) string {
	at := l.project.sources.locateEffective(append([]string{"networks", key}, path...))
	if at.depth < declarationDepth {
		return ""
	}
	return at.text(l.project.sources.dir)
}
