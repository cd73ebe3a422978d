package docker

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/moby/moby/client/pkg/versions"

	"tasks/planner"
)

// apiVersion is the agreed version of the Engine API, such as "1.41".
type apiVersion string

func (v apiVersion) atLeast(other string) bool {
	return versions.GreaterThanOrEqualTo(string(v), other)
}

// requires returns an error with the required engine if this engine is too old, and else nil. Every engine meets an
// empty version.
func (v apiVersion) requires(since string) error {
	if since == "" || v.atLeast(since) {
		return nil
	}
	return fmt.Errorf("needs Docker Engine %s (API %s), and this one speaks API %s", engineVersionOf(since), since, v)
}

// engineVersionOf returns the first Docker Engine with a version of the API. The table has the versions that an
// attribute needs.
func engineVersionOf(version string) string {
	engines := map[string]string{
		"1.40": "19.03", "1.41": "20.10", "1.42": "23.0", "1.43": "24.0",
		"1.44": "25.0", "1.45": "26.0", "1.48": "28.0", "1.49": "28.1", "1.56": "29.8",
	}
	return engines[version]
}

// createRequest holds everything to ask of the engine for the creation of one container.
type createRequest struct {
	options client.ContainerCreateOptions
	// connections are the networks to connect between creation and start.
	connections []connection
	// files are copied into the container before each start.
	files []copyFile
	// mountSources maps each path that must exist on the machine of the engine to the path of the attribute that mounts
	// the path.
	mountSources map[string][]string
	// warnings list configuration that the engine or Compose ignores silently.
	warnings []string
}

// createOptions maps a container to the terms of the Engine API. No engine is asked, and spec does not change. Only the
// seccomp profiles of the service are read. The error joins the errors of all attributes of the compose file.
func createOptions(spec planner.ContainerSpec, api apiVersion) (createRequest, error) {
	return newMapper(spec, api).create()
}

const windows = "windows"

func newMapper(spec planner.ContainerSpec, api apiVersion) *mapper {
	return &mapper{reporter: newReporter(spec, api), spec: spec, service: spec.Service, readFile: os.ReadFile}
}

func (m *mapper) create() (createRequest, error) {
	m.config.AttachStdout, m.config.AttachStderr = true, true
	m.mapStreams()
	errs := []error{m.mapIdentity()}
	given := setAttributes(m.service)
	for _, a := range attributes() {
		if given[a.name] {
			errs = append(errs, m.mapAttribute(a))
		}
	}
	errs = append(errs, m.mapNetworks(), m.mapFileSystem())
	m.mapLifetime()
	if err := errors.Join(errs...); err != nil {
		return createRequest{}, err
	}
	m.request.options.Config, m.request.options.HostConfig = &m.config, &m.host
	m.request.warnings = m.warnings
	return m.request, nil
}

// mapper holds the state of one createOptions call.
type mapper struct {
	*reporter
	spec    planner.ContainerSpec
	service types.ServiceConfig
	config  container.Config
	host    container.HostConfig
	request createRequest
	// osType is the engine's operating system, "linux" or "windows". Empty means unknown.
	osType string
	// readFile reads a file of this machine that the service names.
	readFile func(name string) ([]byte, error)
}

// attribute describes the treatment of one attribute of a service.
type attribute struct {
	// name is the name in the compose file.
	name string
	// target is the destination: a field of the API, or the code in charge of the attribute.
	target string
	// since is the first API version with the attribute. Empty means every supported version.
	since string
	// refusal is the reason for a refusal of the attribute.
	refusal string
	// apply maps the attribute. It is called only if the attribute is set. Nil means: the spec fills the field, or
	// nothing does.
	apply func(m *mapper) error
}

// attributes is the whole mapping. Each attribute of a service occurs exactly once. A test compares the table with the
// compose specification.
func attributes() []attribute {
	return slices.Concat(
		processAttributes(), healthAttributes(), namespaceAttributes(), securityAttributes(),
		cpuAttributes(), memoryAttributes(), deviceAttributes(), loggingAttributes(),
		networkAttributes(), mountAttributes(), clientAttributes(), refusedAttributes(),
	)
}

func (m *mapper) mapAttribute(a attribute) error {
	if a.refusal != "" {
		return m.errorAbout(attributeSubject(a.name), errors.New(a.refusal))
	}
	if err := m.requireAPI(attributeSubject(a.name), a.since); err != nil {
		return err
	}
	if a.apply == nil {
		return nil
	}
	return m.errorAbout(attributeSubject(a.name), a.apply(m))
}

// setAttributes returns the names of the attributes with a value other than zero. An empty list is a value: `command:
// []` has a meaning.
func setAttributes(s types.ServiceConfig) map[string]bool {
	set := map[string]bool{}
	all := reflect.ValueOf(s)
	for _, field := range reflect.VisibleFields(all.Type()) {
		if !field.Anonymous && !all.FieldByIndex(field.Index).IsZero() {
			name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			set[name] = true
		}
	}
	return set
}

// infallible wraps the mapping of an attribute without errors.
func infallible(apply func(m *mapper)) func(*mapper) error {
	return func(m *mapper) error {
		apply(m)
		return nil
	}
}

// clientAttributes need no mapping: other code handles them before the creation of a container.
func clientAttributes() []attribute {
	return []attribute{
		{name: "name", target: "the labels"},
		{name: "post_start", target: "commands run in the container after the start"},
		{name: "pre_start", target: "separate containers before the service starts; none for a one-off"},
		{name: "pre_stop", target: "commands run in the container before the stop; none for a one-off"},
		{name: "profiles", target: "loading"},
		{name: "attach", target: "nothing: only `up` shows logs"},
		{name: "build", target: "the build of the image"},
		{name: "depends_on", target: "the order of steps, and a label"},
		{name: "develop", target: "nothing: the watch of Compose"},
		{name: "extends", target: "loading"},
		{name: "label_file", target: "labels, while loading"},
		{name: "pull_policy", target: "the pull of the image"},
		{name: "pull_refresh_after", target: "the pull of the image"},
		{name: "scale", target: "the number of containers"},
		{name: "use_api_socket",
			target: "volumes, environment and configs, while loading; the credentials are put in by the client"},
	}
}

// refusedAttributes are always errors. No container is better than a container without a part of the file's
// configuration.
func refusedAttributes() []attribute {
	const old = "belongs to a format of compose files that is no longer read"
	return []attribute{
		{name: "models", refusal: "is not supported yet: it needs the model runner of Docker Desktop"},
		{name: "provider", refusal: "is not supported yet: use a service with an image"},
		{name: "env_file",
			refusal: "has not been read into environment: the service was not selected before the plan was made"},
		{name: "dockerfile", refusal: old + ": write build.dockerfile"},
		{name: "net", refusal: old + ": write network_mode"},
		{name: "log_driver", refusal: old + ": write logging.driver"},
		{name: "log_opt", refusal: old + ": write logging.options"},
	}
}
