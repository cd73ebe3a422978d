package composeproject

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// ServiceJSON returns a service's configuration as a JSON object, with the attribute names of compose files. Unset
// attributes are null, so the object has every name of the specification.
func (p *Project) ServiceJSON(name string) ([]byte, error) {
	service, ok := p.Service(name)
	if !ok {
		return nil, fmt.Errorf("no service %s", name)
	}
	text, err := json.Marshal(service)
	if err != nil {
		return nil, err
	}
	all := map[string]json.RawMessage{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[types.ServiceConfig]()) {
		if attribute, _, _ := strings.Cut(field.Tag.Get("json"), ","); attribute != "" && attribute != "-" {
			all[attribute] = json.RawMessage("null")
		}
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}
