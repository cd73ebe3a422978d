package hclspec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
)

// serviceWithPorts gives the configuration of a compose service that a reference takes an attribute of.
func (s *scope) serviceWithPorts(ref config.Reference, composeScope string) (cty.Value, bool) {
	v, ok := serviceConfig(s.evaluation, ref, composeScope)
	if !ok {
		return v, false
	}
	return s.withPorts(ref.Name, v), true
}

// service gives what the compose file says, where it has the attribute or port.
func serviceConfig(e *evaluation, ref config.Reference, composeScope string) (cty.Value, bool) {
	project, ok := e.loadProject(composeScope, ref.Range)
	if !ok {
		return cty.NilVal, false
	}
	v, known := e.services[composeScope+ref.Name]
	if !known {
		if !slices.Contains(project.ServiceNames(), ref.Name) {
			e.checkServiceExists(composeScope, ref.Name, ref.Range)
			return cty.NilVal, false
		}
		v = serviceValue(project, ref.Name)
		e.services[composeScope+ref.Name] = v
	}
	if ref.Attr == config.PortAttr {
		return v, checkPublishedPort(e, ref, v)
	}
	attributes := v.Type().AttributeTypes()
	if _, exists := attributes[ref.Attr]; !exists {
		e.report(diag.ErrorAt(ref.Range, fmt.Sprintf("unknown attribute %q of a service", ref.Attr),
			"Compose files have no such attribute of a service.%s", diag.DidYouMean(ref.Attr, append(slices.Collect(maps.Keys(attributes)), config.PortAttr))))
		return cty.NilVal, false
	}
	return v, true
}

// serviceValue makes a value of JSON that we have written ourselves.
func serviceValue(project Project, name string) cty.Value {
	text, err := project.ServiceJSON(name)
	if err != nil {
		panic(fmt.Sprintf("hclspec: service %s: %s", name, err))
	}
	ty, err := ctyjson.ImpliedType(text)
	if err != nil {
		panic(fmt.Sprintf("hclspec: service %s: %s", name, err))
	}
	v, err := ctyjson.Unmarshal(text, ty)
	if err != nil {
		panic(fmt.Sprintf("hclspec: service %s: %s", name, err))
	}
	return v
}
