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

// lacks says which engine it takes, where this one is too old; nil where it is not. An empty version is that of all engines.
func (v apiVersion) lacks(since string) error {
	if since == "" || v.atLeast(since) {
		return nil
	}
	return fmt.Errorf("needs Docker Engine %s (API %s), and this one speaks API %s", engineOf(since), since, v)
}

// engineOf names the first Docker Engine that speaks a version of the API, for those versions that an attribute needs.
func engineOf(version string) string {
	engines := map[string]string{
		"1.40": "19.03", "1.41": "20.10", "1.42": "23.0", "1.43": "24.0", "1.44": "25.0", "1.45": "26.0", "1.48": "28.0", "1.49": "28.1",
	}
	return engines[version]
}

// creation is all that has to be asked of the engine to make one container.
type creation struct {
	options client.ContainerCreateOptions
	// connect are the networks to connect after the container is created and before it is started.
	connect []connection
	// files are to be copied in before each start.
	files []copyFile
	// sources maps each path that must exist on the engine's machine to the part of the configuration that mounts it.
	sources map[string]string
	// warnings are about what the engine, or Compose, leaves out without a word.
	warnings []string
}

// createOptions maps a container to what the Engine API calls it. It asks no engine and changes nothing of spec; it reads
// the seccomp profiles that the service names. Its errors are about attributes of the compose file, all of them at once.
func createOptions(spec planner.ContainerSpec, api apiVersion) (creation, error) {
	return newMapper(spec, api).create()
}

const windows = "windows"

func newMapper(spec planner.ContainerSpec, api apiVersion) *mapper {
	return &mapper{spec: spec, service: spec.Service, api: api, readFile: os.ReadFile}
}

func (m *mapper) create() (creation, error) {
	m.config.AttachStdout, m.config.AttachStderr = true, true
	m.streams()
	errs := []error{m.identity()}
	given := setAttributes(m.service)
	for _, a := range attributes() {
		if given[a.name] {
			errs = append(errs, m.attribute(a))
		}
	}
	errs = append(errs, m.networking(), m.mounts(), m.references())
	m.lifetime()
	if err := errors.Join(errs...); err != nil {
		return creation{}, err
	}
	m.made.options.Config, m.made.options.HostConfig = &m.config, &m.host
	return m.made, nil
}

// mapper is one call of createOptions.
type mapper struct {
	spec    planner.ContainerSpec
	service types.ServiceConfig
	api     apiVersion
	config  container.Config
	host    container.HostConfig
	made    creation
	// system is what the engine runs on, "linux" or "windows"; empty: it has not been asked.
	system string
	// readFile reads a file that the service names, of this machine.
	readFile func(name string) ([]byte, error)
}

// attribute is what becomes of one attribute of a service.
type attribute struct {
	// name is that of the compose file.
	name string
	// goes says where it goes to: a field of the API, or who else deals with it.
	goes string
	// since is the version of the API that can carry it; empty: all that we speak.
	since string
	// refused says why it cannot be had.
	refused string
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

func (m *mapper) attribute(a attribute) error {
	if a.refused != "" {
		return m.fail(on(a.name), errors.New(a.refused))
	}
	if err := m.need(on(a.name), a.since); err != nil {
		return err
	}
	if a.apply == nil {
		return nil
	}
	return m.fail(on(a.name), a.apply(m))
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

// set is an attribute that cannot be wrong.
func set(apply func(m *mapper)) func(*mapper) error {
	return func(m *mapper) error {
		apply(m)
		return nil
	}
}

// clientAttributes are dealt with before a container is made.
func clientAttributes() []attribute {
	return []attribute{
		{name: "name", goes: "the labels"},
		{name: "post_start", goes: "commands run in the container once it has started"},
		{name: "pre_start", goes: "containers of their own before the service starts; none for a one-off"},
		{name: "pre_stop", goes: "commands run in the container before it is stopped; none for a one-off"},
		{name: "profiles", goes: "loading"},
		{name: "attach", goes: "nothing: only `up` shows logs"},
		{name: "build", goes: "the build of the image"},
		{name: "depends_on", goes: "the order of steps, and a label"},
		{name: "develop", goes: "nothing: the watch of Compose"},
		{name: "extends", goes: "loading"},
		{name: "label_file", goes: "labels, while loading"},
		{name: "pull_policy", goes: "the pull of the image"},
		{name: "scale", goes: "the number of containers"},
		{name: "use_api_socket", goes: "volumes, environment and configs, while loading; the credentials are put in by the client"},
	}
}

// refusedAttributes cannot be had: better no container than one that is not what the file says.
func refusedAttributes() []attribute {
	const old = "belongs to a format of compose files that is no longer read"
	return []attribute{
		{name: "models", refused: "is not supported yet: it needs the model runner of Docker Desktop"},
		{name: "provider", refused: "is not supported yet: use a service with an image"},
		{name: "env_file", refused: "has not been read into environment: the service was not selected before the plan was made"},
		{name: "dockerfile", refused: old + ": write build.dockerfile"},
		{name: "net", refused: old + ": write network_mode"},
		{name: "log_driver", refused: old + ": write logging.driver"},
		{name: "log_opt", refused: old + ": write logging.options"},
	}
}
