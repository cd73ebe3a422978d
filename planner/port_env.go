package planner

import (
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
)

// PortEnvPrefix is the prefix of variables with host ports: TASKS_PORT_DB_5432.
const PortEnvPrefix = "TASKS_PORT_"

// PortEnv are variables with the host ports of the services in a private project. No file can name these ports. The
// zero value has no variables.
type PortEnv []hclspec.HostPort

// Values returns the variables with a known port.
func (e PortEnv) Values(facts Facts) map[string]string {
	values := map[string]string{}
	for _, p := range e {
		if hostPort := facts.Ports[p.Service][p.Port]; hostPort != "" {
			values[portVariable(p)] = hostPort
		}
	}
	return values
}

// portVariable returns TASKS_PORT_DB_5432 for "5432/tcp" of db, and TASKS_PORT_DNS_53_UDP for "53/udp" of dns.
func portVariable(p hclspec.HostPort) string {
	port := strings.TrimSuffix(p.Port, "/tcp")
	return PortEnvPrefix + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, p.Service+"_"+port)
}

// addPortEnv adds the variables to the command of a task.
func (p *portPlanner) addPortEnv(t *hclspec.Task, step *Step) {
	switch a := step.Action.(type) {
	case *RunHost:
		a.Ports = p.portEnv(step, t)
	case *RunExec:
		a.Ports = p.portEnv(step, t)
	case *RunOneOff:
		create := p.byID[a.Create]
		if env := p.portEnv(create, t); len(env) > 0 {
			action := create.Action.(*CreateOneOff)
			action.Spec = env.extendSpec(action.Spec)
		}
	}
}

// extendSpec adds the variables to a container. The container's own environment overrides them.
func (e PortEnv) extendSpec(spec OneOffSpec) OneOffSpec {
	return func(facts Facts, terminal bool, slug string) (ContainerSpec, hcl.Diagnostics) {
		container, diags := spec(facts, terminal, slug)
		for name, value := range e.Values(facts) {
			if _, isSet := container.Service.Environment[name]; !isSet && !diags.HasErrors() {
				container.Service.Environment[name] = &value
			}
		}
		return container, diags
	}
}

// portEnv returns the variables for the command of a task. They are known after the start of the services. A port
// without a host port, or an optional service without a container, is no error.
func (p *portPlanner) portEnv(step *Step, t *hclspec.Task) PortEnv {
	if !p.isPrivate() || t.NoDeps {
		return nil
	}
	var env PortEnv
	for _, service := range requiredServices(p.model, t) {
		ports := publishedPorts(p.model.Services[service])
		if len(ports) == 0 || !p.hasStep(p.containerID(service)) {
			continue
		}
		step.addNeed(p.planPortInspection(service), "its host ports are told", true)
		for _, port := range ports {
			env = append(env, hclspec.HostPort{Service: service, Port: port})
		}
	}
	return env
}

// publishedPorts returns the container ports of a service with a host port, sorted.
func publishedPorts(s types.ServiceConfig) []string {
	if s.NetworkMode != "" && s.NetworkMode != "bridge" {
		return nil
	}
	var ports []string
	for _, p := range s.Ports {
		ports = append(ports, strconv.FormatUint(uint64(p.Target), 10)+"/"+p.Protocol)
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}
