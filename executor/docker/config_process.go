package docker

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/platforms"
	"github.com/moby/moby/api/types/container"

	"tasks/planner"
)

// processAttributes configure the process and the user of the container.
func processAttributes() []attribute {
	return []attribute{
		{name: "image", target: "Config.Image"},
		{name: "container_name", target: "the name"},
		{name: "labels", target: "Config.Labels"},
		{name: "tty", target: "Config.Tty"},
		{name: "stdin_open", target: "Config.OpenStdin"},
		{name: "platform", target: "the query platform", since: "1.41", apply: (*mapper).platform},
		{name: "annotations", target: "HostConfig.Annotations", since: "1.43",
			apply: infallible(func(m *mapper) { m.host.Annotations = m.service.Annotations })},
		// An empty command or entrypoint is sent unchanged. The engine then takes the image's command, but not next to
		// a given entrypoint.
		{name: "command", target: "Config.Cmd",
			apply: infallible(func(m *mapper) { m.config.Cmd = m.service.Command })},
		{name: "entrypoint", target: "Config.Entrypoint",
			apply: infallible(func(m *mapper) { m.config.Entrypoint = m.service.Entrypoint })},
		{name: "environment", target: "Config.Env",
			apply: infallible(func(m *mapper) { m.config.Env = environmentList(m.service.Environment) })},
		{name: "user", target: "Config.User", apply: infallible(func(m *mapper) { m.config.User = m.service.User })},
		{name: "working_dir", target: "Config.WorkingDir",
			apply: infallible(func(m *mapper) { m.config.WorkingDir = m.service.WorkingDir })},
		{name: "hostname", target: "Config.Hostname",
			apply: infallible(func(m *mapper) { m.config.Hostname = m.service.Hostname })},
		{name: "domainname", target: "Config.Domainname",
			apply: infallible(func(m *mapper) { m.config.Domainname = m.service.DomainName })},
		{name: "init", target: "HostConfig.Init", apply: infallible(func(m *mapper) { m.host.Init = m.service.Init })},
		{name: "stop_signal", target: "Config.StopSignal",
			apply: infallible(func(m *mapper) { m.config.StopSignal = m.service.StopSignal })},
		{name: "stop_grace_period", target: "Config.StopTimeout, in seconds rounded up",
			apply: infallible(func(m *mapper) {
				m.config.StopTimeout = wholeSeconds((*time.Duration)(m.service.StopGracePeriod))
			})},
		{name: "restart", target: "HostConfig.RestartPolicy", apply: (*mapper).restart},
	}
}

// healthAttributes configure the engine's healthcheck.
func healthAttributes() []attribute {
	return []attribute{
		{name: "healthcheck", target: "Config.Healthcheck", apply: (*mapper).healthcheck},
	}
}

// mapIdentity maps the name, the labels and the image of the spec.
func (m *mapper) mapIdentity() error {
	m.request.options.Name = m.spec.Name
	m.config.Labels = m.spec.Labels
	for _, key := range slices.Sorted(maps.Keys(m.service.Labels)) {
		if reserved, ok := m.spec.Labels[key]; ok && reserved != m.service.Labels[key] {
			about := subject{name: "labels", path: []string{"labels", key}}
			m.warn(about, "%s belongs to Compose or to tasks, and stays %s", key, reserved)
		}
	}
	m.config.Image = m.spec.Image
	if m.spec.Image == "" {
		return m.errorAbout(attributeSubject("image"), errors.New("none is given"))
	}
	return nil
}

// mapStreams attaches stdin only for a one-off that reads from stdin. The end of the only client's stdin is then the
// end of the input.
func (m *mapper) mapStreams() {
	m.config.Tty = m.spec.TTY
	if m.spec.TTY {
		m.host.ConsoleSize = [2]uint{m.spec.Rows, m.spec.Columns} // ignored on Linux below API 1.42
	}
	m.config.OpenStdin = m.spec.StdinOpen
	m.config.AttachStdin = m.spec.StdinOpen && m.spec.OneOff
	m.config.StdinOnce = m.config.AttachStdin
}

// mapLifetime maps the settings around the process.
func (m *mapper) mapLifetime() {
	m.host.AutoRemove = m.spec.AutoRemove
	files := m.spec.Files
	if m.spec.Hold != nil {
		files = append(slices.Clone(files), m.spec.Hold.Program)
	}
	for _, f := range files {
		m.request.files = append(m.request.files, copyFile{Path: f.Path, Content: f.Content, Mode: f.Mode})
	}
}

func (m *mapper) platform() error {
	platform, err := platforms.Parse(m.service.Platform)
	if err != nil {
		return err
	}
	m.request.options.Platform = &platform
	return nil
}

// environmentList returns a sorted list, because equal configurations must give equal requests. A key without a value
// unsets the image's value.
func environmentList(environment types.MappingWithEquals) []string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(environment)) {
		if value := environment[key]; value != nil {
			list = append(list, key+"="+*value)
		} else {
			list = append(list, key)
		}
	}
	return list
}

// withProxies adds the proxy variables of the docker configuration to the environment, as docker and Compose do. The
// service's own variables win.
func withProxies(spec planner.ContainerSpec, proxies map[string]*string) planner.ContainerSpec {
	if len(proxies) == 0 {
		return spec
	}
	environment := types.MappingWithEquals(maps.Clone(proxies))
	spec.Service.Environment = environment.OverrideBy(spec.Service.Environment)
	return spec
}

// restart reads `no`, `always`, `unless-stopped` and `on-failure[:attempts]`.
func (m *mapper) restart() error {
	name, attempts, limited := strings.Cut(m.service.Restart, ":")
	mode, err := restartMode(name)
	if err != nil {
		return err
	}
	m.host.RestartPolicy = container.RestartPolicy{Name: mode}
	if !limited {
		return nil
	}
	if m.host.RestartPolicy.MaximumRetryCount, err = strconv.Atoi(attempts); err != nil {
		return fmt.Errorf("%q is no number of attempts", attempts)
	}
	return nil
}

// restartMode also reads the words of deploy.restart_policy.condition. An empty word leaves the choice to the engine,
// and the engine does not restart.
func restartMode(condition string) (container.RestartPolicyMode, error) {
	switch condition {
	case "":
		return "", nil
	case "no", "none":
		return container.RestartPolicyDisabled, nil
	case "always", "any":
		return container.RestartPolicyAlways, nil
	case "on-failure":
		return container.RestartPolicyOnFailure, nil
	case "unless-stopped":
		return container.RestartPolicyUnlessStopped, nil
	default:
		return "", fmt.Errorf("%q is none of no, always, on-failure and unless-stopped", condition)
	}
}

func (m *mapper) healthcheck() error {
	h := m.service.HealthCheck
	health := &container.HealthConfig{
		Test: h.Test, Interval: duration(h.Interval), Timeout: duration(h.Timeout), StartPeriod: duration(h.StartPeriod),
	}
	if h.Disable {
		health.Test = []string{"NONE"}
	}
	if h.Retries != nil {
		health.Retries = int(*h.Retries)
	}
	m.config.Healthcheck = health
	return m.startInterval(h, health)
}

// startInterval maps start_interval, with a warning on an engine without the field. The field only makes readiness
// visible sooner, and the executor probes on its own.
func (m *mapper) startInterval(h *types.HealthCheckConfig, health *container.HealthConfig) error {
	switch {
	case h.StartInterval == nil:
		return nil
	case h.StartPeriod == nil:
		return atPart(errors.New("start_interval does nothing without start_period: set it, too"), "start_interval")
	case !m.api.atLeast("1.44"):
		about := subject{name: "healthcheck", path: []string{"healthcheck", "start_interval"}}
		m.warn(about, "start_interval is ignored: it %v", m.api.requires("1.44"))
		return nil
	}
	health.StartInterval = duration(h.StartInterval)
	return nil
}

func duration(d *types.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return time.Duration(*d)
}
