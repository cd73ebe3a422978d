package hclspec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"tasks/hclspec/internal/diag"
)

// resolveService reads the third step of service.x.image. The names are those of the compose project, which is loaded
// when the value is needed.
func (c *checker) resolveService(ref reference, t hcl.Traversal) (reference, *hcl.Diagnostic) {
	name, ok := stepName(t, 1)
	if !ok {
		return ref, c.missingStepError(refService, t)
	}
	ref.name, ref.rng = name, traversalRange(t, 3)
	if ref.attr, ok = stepName(t, 2); !ok {
		return ref, diag.ErrorAt(ref.rng, "a service is not a value",
			"Its attributes in the compose file are, such as %s.image. To start it first, name it in depends_on.", memberAccess("service", name))
	}
	if ref.attr == portAttr {
		return c.resolvePort(ref, t)
	}
	return ref, nil
}

// serviceWithPorts gives the configuration of a compose service that a reference takes an attribute of.
func (s *scope) serviceWithPorts(ref reference, composeScope string) (cty.Value, bool) {
	v, ok := s.evaluation.serviceConfig(ref, composeScope)
	if !ok {
		return v, false
	}
	return s.withPorts(ref.name, v), true
}

// service gives what the compose file says, where it has the attribute or port.
func (e *evaluation) serviceConfig(ref reference, composeScope string) (cty.Value, bool) {
	project, ok := e.loadProject(composeScope, ref.rng)
	if !ok {
		return cty.NilVal, false
	}
	v, known := e.services[composeScope+ref.name]
	if !known {
		if !slices.Contains(project.ServiceNames(), ref.name) {
			e.checkServiceExists(composeScope, ref.name, ref.rng)
			return cty.NilVal, false
		}
		v = serviceValue(project, ref.name)
		e.services[composeScope+ref.name] = v
	}
	if ref.attr == portAttr {
		return v, e.checkPublishedPort(ref, v)
	}
	attributes := v.Type().AttributeTypes()
	if _, exists := attributes[ref.attr]; !exists {
		e.report(diag.ErrorAt(ref.rng, fmt.Sprintf("unknown attribute %q of a service", ref.attr),
			"Compose files have no such attribute of a service.%s", diag.DidYouMean(ref.attr, append(slices.Collect(maps.Keys(attributes)), portAttr))))
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
