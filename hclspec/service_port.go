package hclspec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
)

// serviceWithPorts returns the configuration of the service in a reference, with its host ports.
func (s *scope) serviceWithPorts(ref config.Reference, composeScope string) (cty.Value, bool) {
	v, ok := s.projects.service(ref, composeScope)
	if !ok {
		return v, false
	}
	return s.withPorts(ref.Name, v), true
}

// publishedPorts returns the ports of a service in the order of the compose file.
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

// withPorts adds the host ports to a service's attributes. They are unknown before the start of the service.
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
	attributes[config.PortAttr] = cty.ObjectVal(given)
	return cty.ObjectVal(attributes)
}

// hostPorts returns the ports that a run of a task uses, each once, sorted. Ports in deferred words are included.
func hostPorts(e *evaluation, run *taskRun) []HostPort {
	var ports []HostPort
	add := func(a *config.Attribute) {
		for use := range e.file.ReachableReferences(a.Refs) {
			if use.Ref.Port != "" && !slices.Contains(ports, use.Ref.HostPort()) {
				ports = append(ports, use.Ref.HostPort())
			}
		}
	}
	for a := range run.block.Expressions {
		add(a)
	}
	for deferred := run.deferredArgs; deferred != nil && deferred.caller != nil; deferred = deferred.caller.deferredArgs {
		checkPortScope(e, run, deferred)
		add(deferred.args)
	}
	slices.SortFunc(ports, func(a, b HostPort) int { return strings.Compare(a.Service+" "+a.Port, b.Service+" "+b.Port) })
	return ports
}

// checkPortScope reports host ports in words for a task of another compose project. Such a task knows only the
// ports of its own project.
func checkPortScope(e *evaluation, run *taskRun, deferred *deferredArgs) {
	for use := range e.file.ReachableReferences(deferred.args.Refs) {
		if use.Ref.Port != "" && deferred.caller.block.Module.ComposeScope() != run.block.Module.ComposeScope() {
			e.report(diag.ErrorAt(use.RangeInExpression(), fmt.Sprintf("%s is not known to task %q", use.Ref, run.block.Name),
				"That task belongs to another compose project. Give it a word that is known before the run, or the output of a "+
					"task."))
		}
	}
}
