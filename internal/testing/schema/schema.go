// Package schema makes JSON Schemas of the documents of this program from their Go types, for docs/schemas, and checks
// documents.
package schema

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// dir is the directory of the schemas, from a package two levels below the root.
const dir = "../../docs/schemas"

// Check compares the schema of a document with its file. With isUpdate, Check writes the file.
func Check(t *testing.T, isUpdate bool, name, title string, document any) {
	t.Helper()
	g := generator{definitions: map[string]any{}}
	schema := g.object(reflect.TypeOf(document))
	schema["$schema"], schema["title"] = "https://json-schema.org/draft/2020-12/schema", title
	if len(g.definitions) > 0 {
		schema["$defs"] = g.definitions
	}
	want, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name+".json")
	if isUpdate {
		if err := os.WriteFile(path, append(want, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != string(want)+"\n" {
		t.Errorf("%s is not the schema of %T: run the test with -update (%v)", path, document, err)
	}
}

// Validate checks a document against a schema of docs/schemas.
func Validate(t *testing.T, name, document string) {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile(filepath.Join(dir, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
	if err == nil {
		err = compiled.Validate(value)
	}
	if err != nil {
		t.Errorf("the document does not match docs/schemas/%s.json: %v\n%s", name, err, document[:min(len(document), 2000)])
	}
}

// generator collects the definitions of named structs.
type generator struct{ definitions map[string]any }

// object returns the schema of a struct. Readers must ignore unknown fields, so more properties are allowed.
func (g generator) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	g.addFields(t, properties, &required)
	return map[string]any{"type": "object", "properties": properties, "required": required}
}

func (g generator) addFields(t reflect.Type, properties map[string]any, required *[]string) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || !field.IsExported() && !field.Anonymous:
			continue
		case field.Anonymous && name == "":
			g.addFields(field.Type, properties, required)
			continue
		}
		properties[name] = g.value(field.Type)
		switch name {
		case "format_version":
			properties[name] = map[string]any{"const": 1}
		case "command", "entrypoint": // null: that of the image
			properties[name].(map[string]any)["type"] = []string{"array", "null"}
		}
		if !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero") {
			*required = append(*required, name)
		}
	}
}

// value returns the schema of a type. A type with a JSON form of its own may be anything.
func (g generator) value(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t.Implements(reflect.TypeFor[json.Marshaler]()):
		return map[string]any{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.value(t.Elem())
	case reflect.Struct:
		return g.reference(t)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": g.value(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": g.value(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Interface:
		return map[string]any{}
	}
	return map[string]any{"type": "integer"}
}

// reference returns a reference to the definition of a struct.
func (g generator) reference(t reflect.Type) map[string]any {
	if t.Name() == "" {
		return g.object(t)
	}
	if g.definitions[t.Name()] == nil {
		g.definitions[t.Name()] = map[string]any{} // for a type that contains itself
		g.definitions[t.Name()] = g.object(t)
	}
	return map[string]any{"$ref": "#/$defs/" + t.Name()}
}
