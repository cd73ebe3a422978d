package docker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/compose-spec/compose-go/v2/paths"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/container"
)

// namespaceAttributes configure namespaces shared with the host or with another container. References to services must
// already be `container:<id>`.
func namespaceAttributes() []attribute {
	return []attribute{
		{name: "cgroup", target: "HostConfig.CgroupnsMode", since: "1.41",
			apply: infallible(func(m *mapper) { m.host.CgroupnsMode = container.CgroupnsMode(m.service.Cgroup) })},
		{name: "cgroup_parent", target: "HostConfig.CgroupParent",
			apply: infallible(func(m *mapper) { m.host.CgroupParent = m.service.CgroupParent })},
		{name: "ipc", target: "HostConfig.IpcMode", apply: func(m *mapper) error {
			m.host.IpcMode = container.IpcMode(m.service.Ipc)
			return checkResolved(m.service.Ipc)
		}},
		{name: "pid", target: "HostConfig.PidMode", apply: func(m *mapper) error {
			m.host.PidMode = container.PidMode(m.service.Pid)
			return checkResolved(m.service.Pid)
		}},
		{name: "uts", target: "HostConfig.UTSMode", apply: func(m *mapper) error {
			m.host.UTSMode = container.UTSMode(m.service.Uts)
			return checkResolved(m.service.Uts)
		}},
		{name: "userns_mode", target: "HostConfig.UsernsMode",
			apply: infallible(func(m *mapper) { m.host.UsernsMode = container.UsernsMode(m.service.UserNSMode) })},
		{name: "isolation", target: "HostConfig.Isolation",
			apply: infallible(func(m *mapper) { m.host.Isolation = container.Isolation(m.service.Isolation) })},
		{name: "runtime", target: "HostConfig.Runtime",
			apply: infallible(func(m *mapper) { m.host.Runtime = m.service.Runtime })},
	}
}

func checkResolved(mode string) error {
	if service, ok := strings.CutPrefix(mode, types.ServicePrefix); ok {
		return fmt.Errorf("service %s has no container yet", service)
	}
	return nil
}

// securityAttributes configure the permissions of the process.
func securityAttributes() []attribute {
	return []attribute{
		{name: "cap_add", target: "HostConfig.CapAdd",
			apply: infallible(func(m *mapper) { m.host.CapAdd = m.service.CapAdd })},
		{name: "cap_drop", target: "HostConfig.CapDrop",
			apply: infallible(func(m *mapper) { m.host.CapDrop = m.service.CapDrop })},
		{name: "umask", target: "HostConfig.Umask", since: "1.56",
			apply: infallible(func(m *mapper) { m.host.Umask = m.service.Umask })},
		{name: "group_add", target: "HostConfig.GroupAdd",
			apply: infallible(func(m *mapper) { m.host.GroupAdd = m.service.GroupAdd })},
		{name: "privileged", target: "HostConfig.Privileged",
			apply: infallible(func(m *mapper) { m.host.Privileged = m.service.Privileged })},
		{name: "read_only", target: "HostConfig.ReadonlyRootfs",
			apply: infallible(func(m *mapper) { m.host.ReadonlyRootfs = m.service.ReadOnly })},
		{name: "security_opt", target: "HostConfig.SecurityOpt, MaskedPaths and ReadonlyPaths",
			apply: (*mapper).securityOpt},
		{name: "credential_spec", target: "HostConfig.SecurityOpt, for containers of Windows",
			apply: (*mapper).credentialSpec},
		{name: "sysctls", target: "HostConfig.Sysctls",
			apply: infallible(func(m *mapper) { m.host.Sysctls = m.service.Sysctls })},
	}
}

// securityOpt sends a seccomp profile as content, because the engine does not see local files. Only clients know
// `systempaths=unconfined`: nothing is masked.
func (m *mapper) securityOpt() error {
	for _, option := range m.service.SecurityOpt {
		if option == "systempaths=unconfined" {
			m.host.MaskedPaths, m.host.ReadonlyPaths = []string{}, []string{}
			continue
		}
		key, value, ok := cutOption(option)
		if !ok && option != "no-new-privileges" {
			return fmt.Errorf("%q is no option: write KEY=VALUE", option)
		}
		if key == "seccomp" && value != "unconfined" && value != "builtin" {
			profile, err := m.seccompProfile(value)
			if err != nil {
				return err
			}
			option = "seccomp=" + profile
		}
		m.host.SecurityOpt = append(m.host.SecurityOpt, option)
	}
	return nil
}

// credentialSpec maps to a security option of the engine, like `docker run`. An engine on Linux refuses the option.
func (m *mapper) credentialSpec() error {
	spec := m.service.CredentialSpec
	switch {
	case spec.Config != "":
		return atPart(errors.New("config exists in Swarm only: use file or registry"), "config")
	case spec.File != "":
		m.host.SecurityOpt = append(m.host.SecurityOpt, "credentialspec=file://"+spec.File)
	case spec.Registry != "":
		m.host.SecurityOpt = append(m.host.SecurityOpt, "credentialspec=registry://"+spec.Registry)
	}
	return nil
}

// cutOption also splits at a colon, an old separator of Docker.
func cutOption(option string) (key, value string, ok bool) {
	if key, value, ok = strings.Cut(option, "="); ok {
		return key, value, true
	}
	return strings.Cut(option, ":")
}

func (m *mapper) seccompProfile(file string) (string, error) {
	path := paths.ExpandUser(file)
	if !filepath.IsAbs(path) {
		path = filepath.Join(m.spec.ProjectDir, path)
	}
	content, err := m.readFile(path)
	if err != nil {
		return "", fmt.Errorf("seccomp profile: %w", err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, content); err != nil {
		return "", fmt.Errorf("seccomp profile %s: %w", path, err)
	}
	return compact.String(), nil
}

// loggingAttributes configure the log of the output.
func loggingAttributes() []attribute {
	return []attribute{
		{name: "logging", target: "HostConfig.LogConfig", apply: infallible(func(m *mapper) {
			m.host.LogConfig = container.LogConfig{Type: m.service.Logging.Driver, Config: m.service.Logging.Options}
		})},
	}
}
