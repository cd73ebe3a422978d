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

// on is the subject at the end of a path, called by it.
func on(path ...string) subject { return subject{name: strings.Join(path, "."), path: path} }

// ofVolume is the volume that is mounted at a target.
func ofVolume(target string) subject {
	return subject{name: "volumes: " + target, path: []string{"volumes", target}}
}

// placed is an error about a part of the subject that is reported: path goes on from there.
type placed struct {
	path []string
	err  error
}

func (p *placed) Error() string { return p.err.Error() }
func (p *placed) Unwrap() error { return p.err }

// within says which part of the subject an error is about; nil stays nil.
func within(err error, path ...string) error {
	if err == nil {
		return nil
	}
	return &placed{path: path, err: err}
}

// fail words an error: the place in the compose file, the service, and what it is about. nil stays nil.
func (m *mapper) fail(about subject, err error) error {
	if err == nil {
		return nil
	}
	path := about.path
	if part, ok := errors.AsType[*placed](err); ok {
		path = append(slices.Clone(path), part.path...)
	}
	return fmt.Errorf("%s: %w", m.prefix(about.name, path), err)
}

// warn tells of what the engine, or Compose, leaves out without a word.
func (m *mapper) warn(about subject, format string, args ...any) {
	m.made.warnings = append(m.made.warnings, m.prefix(about.name, about.path)+": "+fmt.Sprintf(format, args...))
}

func (m *mapper) prefix(name string, path []string) string {
	text := "service " + m.service.Name + ": " + name
	if m.spec.Where == nil {
		return text
	}
	if place := m.spec.Where(path...); place != "" {
		text = place + ": " + text
	}
	return text
}

// need refuses what the API is too old for.
func (m *mapper) need(about subject, since string) error { return m.fail(about, m.api.lacks(since)) }
