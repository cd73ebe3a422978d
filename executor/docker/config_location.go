package docker

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tasks/planner"
)

// subject is the topic of a message: an attribute of a service, or a part of an attribute.
type subject struct {
	// name is the topic's name in the message.
	name string
	// path holds the names on the way from the service to the topic.
	path []string
}

// attributeSubject is the subject at the end of a path. The path is the name.
func attributeSubject(path ...string) subject {
	return subject{name: strings.Join(path, "."), path: path}
}

// volumeSubject is the volume with a mount target.
func volumeSubject(target string) subject {
	return subject{name: "volumes: " + target, path: []string{"volumes", target}}
}

// locatedError is an error about a part of the reported subject. The path starts at the subject.
type locatedError struct {
	path []string
	err  error
}

func (p *locatedError) Error() string { return p.err.Error() }
func (p *locatedError) Unwrap() error { return p.err }

// atPart adds the failing part of the subject to an error. A nil error stays nil.
func atPart(err error, path ...string) error {
	if err == nil {
		return nil
	}
	return &locatedError{path: path, err: err}
}

// reporter makes the errors and warnings about one service.
type reporter struct {
	service string
	// locate returns the place of an attribute in the compose file. Nil means: no place is known.
	locate   func(path ...string) string
	api      apiVersion
	warnings []string
}

func newReporter(spec planner.ContainerSpec, api apiVersion) *reporter {
	return &reporter{service: spec.Service.Name, locate: spec.Locate, api: api}
}

// errorAbout adds the place in the compose file, the service and the subject to an error. A nil error stays nil.
func (r *reporter) errorAbout(about subject, err error) error {
	if err == nil {
		return nil
	}
	path := about.path
	if part, ok := errors.AsType[*locatedError](err); ok {
		path = append(slices.Clone(path), part.path...)
	}
	return fmt.Errorf("%s: %w", r.prefix(about.name, path), err)
}

// warn adds a warning about configuration that the engine or Compose ignores silently.
func (r *reporter) warn(about subject, format string, args ...any) {
	r.warnings = append(r.warnings, r.prefix(about.name, about.path)+": "+fmt.Sprintf(format, args...))
}

func (r *reporter) prefix(name string, path []string) string {
	text := "service " + r.service + ": " + name
	if r.locate == nil {
		return text
	}
	if place := r.locate(path...); place != "" {
		text = place + ": " + text
	}
	return text
}

// requireAPI returns an error if the API is too old for the subject.
func (r *reporter) requireAPI(about subject, since string) error {
	return r.errorAbout(about, r.api.requires(since))
}
