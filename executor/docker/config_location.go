package docker

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// subject is what a message is about: an attribute of a service, or a part of one.
type subject struct {
	// name is what the message calls it.
	name string
	// path are the names that lead to it in the service.
	path []string
}

// attributeSubject is the subject at the end of a path, called by it.
func attributeSubject(path ...string) subject {
	return subject{name: strings.Join(path, "."), path: path}
}

// volumeSubject is the volume that is mounted at a target.
func volumeSubject(target string) subject {
	return subject{name: "volumes: " + target, path: []string{"volumes", target}}
}

// locatedError is an error about a part of the subject that is reported: path goes on from there.
type locatedError struct {
	path []string
	err  error
}

func (p *locatedError) Error() string { return p.err.Error() }
func (p *locatedError) Unwrap() error { return p.err }

// atPart says which part of the subject an error is about; nil stays nil.
func atPart(err error, path ...string) error {
	if err == nil {
		return nil
	}
	return &locatedError{path: path, err: err}
}

// errorAbout words an error: the place in the compose file, the service, and what it is about. nil stays nil.
func (m *mapper) errorAbout(about subject, err error) error {
	if err == nil {
		return nil
	}
	path := about.path
	if part, ok := errors.AsType[*locatedError](err); ok {
		path = append(slices.Clone(path), part.path...)
	}
	return fmt.Errorf("%s: %w", m.prefix(about.name, path), err)
}

// warn tells of what the engine, or Compose, leaves out without a word.
func (m *mapper) warn(about subject, format string, args ...any) {
	m.request.warnings = append(m.request.warnings, m.prefix(about.name, about.path)+": "+fmt.Sprintf(format, args...))
}

func (m *mapper) prefix(name string, path []string) string {
	text := "service " + m.service.Name + ": " + name
	if m.spec.Locate == nil {
		return text
	}
	if place := m.spec.Locate(path...); place != "" {
		text = place + ": " + text
	}
	return text
}

// requireAPI refuses what the API is too old for.
func (m *mapper) requireAPI(about subject, since string) error {
	return m.errorAbout(about, m.api.requires(since))
}
