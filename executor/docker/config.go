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

// requires says which engine it takes, where this one is too old; nil where it is not. An empty version is that of all engines.
func (v apiVersion) requires(since string) error {
	if since == "" || v.atLeast(since) {
		return nil
	}
	return fmt.Errorf("needs Docker Engine %s (API %s), and this one speaks API %s", engineVersionOf(since), since, v)
}

// engineVersionOf names the first Docker Engine that speaks a version of the API, for those versions that an attribute needs.
func engineVersionOf(version string) string {
	engines := map[string]string{
		"1.40": "19.03", "1.41": "20.10", "1.42": "23.0", "1.43": "24.0", "1.44": "25.0", "1.45": "26.0", "1.48": "28.0", "1.49": "28.1",
	}
	return engines[version]
}

// createRequest is all that has to be asked of the engine to make one container.
type createRequest struct {
	options client.ContainerCreateOptions
	// connections are the networks to connect after the container is created and before it is started.
	connections []connection
	// files are to be copied in before each start.
	files []copyFile
	// mountSources maps each path that must exist on the engine's machine to the part of the configuration that mounts it.
	mountSources map[string]string
	// warnings are about what the engine, or Compose, leaves out without a word.
	warnings []string
}

// createOptions maps a container to what the Engine API calls it. It asks no engine and changes nothing of spec; it reads
// the seccomp profiles that the service names. Its errors are about attributes of the compose file, all of them at once.
func createOptions(spec planner.ContainerSpec, api apiVersion) (createRequest, error) {
	return newMapper(spec, api).create()
}

const windows = "windows"

func newMapper(spec planner.ContainerSpec, api apiVersion) *mapper {
	return &mapper{spec: spec, service: spec.Service, api: api, readFile: os.ReadFile}
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
	errs = append(errs, m.mapNetworks(), m.mapMounts(), m.mapFileReferences())
	m.mapLifetime()
	if err := errors.Join(errs...); err != nil {
		return createRequest{}, err
	}
	m.request.options.Config, m.request.options.HostConfig = &m.config, &m.host
	return m.request, nil
}

// mapper is one call of createOptions.
type mapper struct {
	spec    planner.ContainerSpec
	service types.ServiceConfig
	api     apiVersion
	config  container.Config
	host    container.HostConfig
	request createRequest
	// osType is what the engine runs on, "linux" or "windows"; empty: it has not been asked.
	osType string
	// readFile reads a file that the service names, of this machine.
	readFile func(name string) ([]byte, error)
}

// attribute is what becomes of one attribute of a service.
type attribute struct {
	// name is that of the compose file.
	name string
	// target says where it goes to: a field of the API, or who else deals with it.
	target string
	// since is the version of the API that can carry it; empty: all that we speak.
	since string
	// refusal says why it cannot be had.
	refusal string
	// apply maps it; it is called only where the attribute is set. Nil: the field is filled from the spec, or nobody's.
	apply func(m *mapper) error
}

// attributes is the whole mapping: each attribute of a service is in it exactly once, which a test holds against the
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

// setAttributes are those that are not at their zero value. An empty list is set: `command: []` means something.
func setAttributes(s types.ServiceConfig) map[string]bool {
	set := map[string]bool{}
	for field, v := range reflect.ValueOf(s).Fields() {
		if !v.IsZero() {
			name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			set[name] = true
		}
	}
	return set
}

// infallible is an attribute that cannot be wrong.
func infallible(apply func(m *mapper)) func(*mapper) error {
	return func(m *mapper) error {
		apply(m)
		return nil
	}
}

// clientAttributes are dealt with before a container is made.
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
		{name: "scale", target: "the number of containers"},
		{name: "use_api_socket", target: "volumes, environment and configs, while loading; the credentials are put in by the client"},
	}
}

// refusedAttributes cannot be had: better no container than one that is not what the file says.
func refusedAttributes() []attribute {
	const old = "belongs to a format of compose files that is no longer read"
	return []attribute{
		{name: "models", refusal: "is not supported yet: it needs the model runner of Docker Desktop"},
		{name: "provider", refusal: "is not supported yet: use a service with an image"},
		{name: "env_file", refusal: "has not been read into environment: the service was not selected before the plan was made"},
		{name: "dockerfile", refusal: old + ": write build.dockerfile"},
		{name: "net", refusal: old + ": write network_mode"},
		{name: "log_driver", refusal: old + ": write logging.driver"},
		{name: "log_opt", refusal: old + ": write logging.options"},
	}
}
