package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/diag"
)

// PortAttr is the attribute with the host ports of a service: service.db.port["5432"]. Compose files have no
// attribute of this name.
const PortAttr = "port"

// HostPort is a port of a service with its place on the host as a value: "5432/tcp".
type HostPort struct{ Service, Port string }

// String writes the port in the syntax of the language.
func (p HostPort) String() string {
	return fmt.Sprintf("%s.%s[%q]", MemberAccess("service", p.Service), PortAttr, strings.TrimSuffix(p.Port, "/tcp"))
}

// IsRunTime reports whether only the run knows the value of a reference.
func (r Reference) IsRunTime() bool { return r.Kind == RefTask || r.Kind == RefResult || r.Port != "" }

// HostPort returns the port of a reference to a port.
func (r Reference) HostPort() HostPort { return HostPort{Service: r.Name, Port: r.Port} }

// resolvePort reads the index of service.db.port["5432"]. The plan needs the port.
func (r *resolver) resolvePort(ref Reference, t hcl.Traversal) (Reference, *hcl.Diagnostic) {
	ref.Range = traversalRange(t, 4)
	text, written := portIndex(t)
	if !written {
		return ref, diag.ErrorAt(ref.Range, fmt.Sprintf("%s without a port", ref),
			"Write which port of the container, as a literal: %s[\"5432\"], or %s[\"53/udp\"].", ref, ref)
	}
	port, ok := containerPort(text)
	if !ok {
		return ref, diag.ErrorAt(ref.Range, fmt.Sprintf("%q is not a port", text),
			"Write the number of the container's port, from 1 to 65535, and a protocol unless it is tcp: %s[\"5432\"], or "+
				"%s[\"53/udp\"].", ref, ref)
	}
	ref.Port = port
	return ref, nil
}

// portIndex returns the literal index behind service.db.port, text or a number.
func portIndex(t hcl.Traversal) (string, bool) {
	if text, ok := StepName(t, 3); ok || len(t) < 4 {
		return text, ok
	}
	if index, ok := t[3].(hcl.TraverseIndex); ok && index.Key.Type() == cty.Number {
		return index.Key.AsBigFloat().Text('f', -1), true
	}
	return "", false
}

// containerPort returns the engine's name of a port: "5432/tcp" for "5432".
func containerPort(text string) (string, bool) {
	number, protocol, given := strings.Cut(text, "/")
	if !given {
		protocol = "tcp"
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != number ||
		!slices.Contains([]string{"tcp", "udp", "sctp"}, protocol) {
		return "", false
	}
	return number + "/" + protocol, true
}

// PortDependency returns the dependency of a host port: its service in the condition Ready.
func PortDependency(u ReferenceUse) Dependency {
	return Dependency{Service: u.Ref.Name, Condition: Ready, IsRunTime: true, Range: u.RangeInExpression()}
}

// WaitsForService reports whether dependencies keep a service running. A completed service has no ports.
func WaitsForService(deps []Dependency, service string) bool {
	return slices.ContainsFunc(deps, func(d Dependency) bool { return d.Service == service && d.Condition != Completed })
}

// resolveService reads the third step of service.x.image. The compose project has the names, and is loaded for the
// value.
func (r *resolver) resolveService(ref Reference, t hcl.Traversal) (Reference, *hcl.Diagnostic) {
	name, ok := StepName(t, 1)
	if !ok {
		return ref, r.missingStepError(RefService, t)
	}
	ref.Name, ref.Range = name, traversalRange(t, 3)
	if ref.Attr, ok = StepName(t, 2); !ok {
		return ref, diag.ErrorAt(ref.Range, "a service is not a value",
			"Its attributes in the compose file are, such as %s.image. To start it first, name it in depends_on.",
			MemberAccess("service", name))
	}
	if ref.Attr == PortAttr {
		return r.resolvePort(ref, t)
	}
	return ref, nil
}
