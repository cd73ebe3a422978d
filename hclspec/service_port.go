package hclspec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/diag"
)

// portAttr is what the host ports of a service hang on: service.db.port["5432"]. No attribute of compose files has this name.
const portAttr = "port"

// HostPort is a port of a service's container whose place on the host a task uses: "5432/tcp".
type HostPort struct{ Service, Port string }

// String writes it as the language does.
func (p HostPort) String() string {
	return fmt.Sprintf("%s.%s[%q]", memberAccess("service", p.Service), portAttr, strings.TrimSuffix(p.Port, "/tcp"))
}

// isRunTime says that only the run gives the value behind a reference.
func (r reference) isRunTime() bool { return r.kind == refTask || r.kind == refResult || r.port != "" }

// hostPort is the port that a reference to one means.
func (r reference) hostPort() HostPort { return HostPort{Service: r.name, Port: r.port} }

// resolvePort reads the index of service.db.port["5432"], which the plan has to know.
func (c *checker) resolvePort(ref reference, t hcl.Traversal) (reference, *hcl.Diagnostic) {
	ref.rng = traversalRange(t, 4)
	text, written := portIndex(t)
	if !written {
		return ref, diag.ErrorAt(ref.rng, fmt.Sprintf("%s without a port", ref),
			"Write which port of the container, as a literal: %s[\"5432\"], or %s[\"53/udp\"].", ref, ref)
	}
	port, ok := containerPort(text)
	if !ok {
		return ref, diag.ErrorAt(ref.rng, fmt.Sprintf("%q is not a port", text),
			"Write the number of the container's port, from 1 to 65535, and a protocol unless it is tcp: %s[\"5432\"], or %s[\"53/udp\"].", ref, ref)
	}
	ref.port = port
	return ref, nil
}

// portIndex is the literal behind service.db.port, text or a number.
func portIndex(t hcl.Traversal) (string, bool) {
	if text, ok := stepName(t, 3); ok || len(t) < 4 {
		return text, ok
	}
	if index, ok := t[3].(hcl.TraverseIndex); ok && index.Key.Type() == cty.Number {
		return index.Key.AsBigFloat().Text('f', -1), true
	}
	return "", false
}

// containerPort is the engine's word for a port: "5432/tcp" of "5432".
func containerPort(text string) (string, bool) {
	number, protocol, given := strings.Cut(text, "/")
	if !given {
		protocol = "tcp"
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != number || !slices.Contains([]string{"tcp", "udp", "sctp"}, protocol) {
		return "", false
	}
	return number + "/" + protocol, true
}

// checkPublishedPort reports a port that the compose file does not publish.
func (e *evaluation) checkPublishedPort(ref reference, service cty.Value) bool {
	ports := publishedPorts(service)
	if slices.Contains(ports, ref.port) {
		return true
	}
	hint := "It publishes no port."
	if len(ports) > 0 {
		hint = "It publishes " + diag.EnumerateNames(ports) + "."
	}
	e.report(diag.ErrorAt(ref.rng, fmt.Sprintf("service %q does not publish port %s", ref.name, ref.port),
		"%s What a service publishes stands under ports in the compose file; a task's own ports are not meant.", hint))
	return false
}

// publishedPorts are those of a service of the compose file, in its order.
func publishedPorts(service cty.Value) []string {
	var ports []string
	list := service.GetAttr("ports")
	if list.IsNull() {
		return nil
	}
	for it := list.ElementIterator(); it.Next(); {
		_, entry := it.Element()
		if !entry.Type().HasAttribute("target") {
			continue
		}
		port := entry.GetAttr("target").AsBigFloat().Text('f', -1) + "/tcp"
		if entry.Type().HasAttribute("protocol") && !entry.GetAttr("protocol").IsNull() {
			port = strings.TrimSuffix(port, "tcp") + entry.GetAttr("protocol").AsString()
		}
		if !slices.Contains(ports, port) {
			ports = append(ports, port)
		}
	}
	return ports
}

// withPorts adds the host ports to a service's attributes: nothing is known of them before it runs.
func (s *scope) withPorts(name string, service cty.Value) cty.Value {
	ports := publishedPorts(service)
	if len(ports) == 0 {
		return service
	}
	given := map[string]cty.Value{}
	for _, port := range ports {
		v := cty.UnknownVal(cty.String).RefineNotNull()
		if at, known := s.results.Ports[name][port]; known {
			v = cty.StringVal(at)
		}
		given[port] = v
		if number, tcp := strings.CutSuffix(port, "/tcp"); tcp {
			given[number] = v
		}
	}
	attributes := service.AsValueMap()
	attributes[portAttr] = cty.ObjectVal(given)
	return cty.ObjectVal(attributes)
}

// hostPorts are the ports that a run of a task uses, each once, sorted; those that its words are made of are among them.
func (e *evaluation) hostPorts(run *taskRun) []HostPort {
	var ports []HostPort
	add := func(a *decodedAttribute) {
		for use := range e.file.reachableReferences(a.refs) {
			if use.ref.port != "" && !slices.Contains(ports, use.ref.hostPort()) {
				ports = append(ports, use.ref.hostPort())
			}
		}
	}
	for a := range run.block.expressions {
		add(a)
	}
	for deferred := run.deferredArgs; deferred != nil && deferred.caller != nil; deferred = deferred.caller.deferredArgs {
		e.checkPortScope(run, deferred)
		add(deferred.args)
	}
	slices.SortFunc(ports, func(a, b HostPort) int { return strings.Compare(a.Service+" "+a.Port, b.Service+" "+b.Port) })
	return ports
}

// checkPortScope reports host ports that are given as words to a task of another compose project, which knows its own alone.
func (e *evaluation) checkPortScope(run *taskRun, deferred *deferredArgs) {
	for use := range e.file.reachableReferences(deferred.args.refs) {
		if use.ref.port != "" && deferred.caller.block.mod.composeScope() != run.block.mod.composeScope() {
			e.report(diag.ErrorAt(use.rangeInExpression(), fmt.Sprintf("%s is not known to task %q", use.ref, run.block.name),
				"That task belongs to another compose project. Give it a word that is known before the run, or the output of a task."))
		}
	}
}

// portDependency is what the use of a host port asks for: its service, as it is waited for by its name alone.
func portDependency(u referenceUse) Dependency {
	return Dependency{Service: u.ref.name, Condition: Ready, IsRunTime: true, Range: u.rangeInExpression()}
}

// waitsForService says whether dependencies have a service running. One that has completed has no ports any more.
func waitsForService(deps []Dependency, service string) bool {
	return slices.ContainsFunc(deps, func(d Dependency) bool { return d.Service == service && d.Condition != Completed })
}
