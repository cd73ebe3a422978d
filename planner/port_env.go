package planner

import (
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
)

// PortEnvPrefix begins the names of the variables that tell host ports: TASKS_PORT_DB_5432.
const PortEnvPrefix = "TASKS_PORT_"

// PortEnv are variables that tell a command which host ports the services of its private project were given, where nobody can
// have chosen them. The zero value has none.
type PortEnv []hclspec.HostPort

// Values are the variables, with what is known of the ports.
func (e PortEnv) Values(facts Facts) map[string]string {
	values := map[string]string{}
	for _, p := range e {
		if hostPort := facts.Ports[p.Service][p.Port]; hostPort != "" {
			values[portVariable(p)] = hostPort
		}
	}
	return values
}

// portVariable is TASKS_PORT_DB_5432 for "5432/tcp" of db, and TASKS_PORT_DNS_53_UDP for "53/udp" of dns.
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

// addPortEnv gives a task's command these variables.
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

// extendSpec adds the variables to a container, beneath its own.
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

// portEnv are the variables that a task's command is given, known once the services run. A port that the engine gives no
// place, and a service that the task can do without, are no reason to fail.
func (p *portPlanner) portEnv(step *Step, t *hclspec.Task) PortEnv {
	if !p.isPrivate() || t.NoDeps {
		return nil
	}
	var env PortEnv
	for _, service := range p.requiredServices(t) {
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

// publishedPorts are the ports of a service's container that get a place on the host, sorted.
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
