package composefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/schema"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v4"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// compiledSchema is the schema of the Compose specification.
var compiledSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(schema.Schema))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	const name = "compose-spec.json"
	if err := compiler.AddResource(name, document); err != nil {
		return nil, err
	}
	return compiler.Compile(name)
})

// checkSchema reports all differences of a document from the schema.
func (c *checker) checkSchema(s source, root *yaml.Node) {
	compiled, err := compiledSchema()
	if err != nil {
		return // the loader reports the error
	}
	value, err := jsonValue(s.plainValue(root, 0))
	if err != nil {
		return
	}
	invalid, isInvalid := errors.AsType[*jsonschema.ValidationError](compiled.Validate(value))
	if !isInvalid {
		return
	}
	causes := leafErrors(invalid)
	slices.SortStableFunc(causes, func(a, b *jsonschema.ValidationError) int {
		return slices.Compare(a.InstanceLocation, b.InstanceLocation) // the library has a random order
	})
	for _, cause := range causes {
		if !s.isBase || c.isExtended(s, cause.InstanceLocation) {
			c.reportSchemaError(s, root, cause)
		}
	}
}

// isExtended reports whether a path belongs to a service that another file extends.
func (c *checker) isExtended(s source, path []string) bool {
	return len(path) > 1 && c.extended[s.Path][path[1]]
}

// maxDepth limits the depth of values. An alias may contain itself.
const maxDepth = 64

// plainValue converts a node to maps, lists and scalars, with the values of variables.
func (s source) plainValue(node *yaml.Node, depth int) any {
	node = dereference(node)
	if node == nil || depth > maxDepth {
		return nil
	}
	switch node.Kind {
	case yaml.MappingNode:
		return s.plainMapping(node, depth)
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range node.Content {
			list = append(list, s.plainValue(item, depth+1))
		}
		return list
	}
	var value any
	if err := node.Decode(&value); err != nil {
		return node.Value
	}
	if text, isText := value.(string); isText {
		if replaced, _, err := s.interpolate(text); err == nil {
			return replaced
		}
	}
	return value
}

func (s source) plainMapping(node *yaml.Node, depth int) map[string]any {
	values := map[string]any{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Value == mergeKey {
			for _, merged := range mergedMappings(value) {
				more, _ := s.plainValue(merged, depth+1).(map[string]any)
				values = mergedValues(values, more)
			}
			continue
		}
		if value.Tag != "!reset" {
			values[key.Value] = s.plainValue(value, depth+1)
		}
	}
	return values
}

// mergedValues adds values without replacing values.
func mergedValues(values, more map[string]any) map[string]any {
	for key, value := range more {
		if _, has := values[key]; !has {
			values[key] = value
		}
	}
	return values
}

// jsonValue converts a value to the types of the schema's library.
func jsonValue(value any) (any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
}

// leafErrors returns the errors without causes. Of the alternatives of a value, the alternative with the deepest error
// counts: its other parts fit.
func leafErrors(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	switch e.ErrorKind.(type) {
	case *kind.OneOf, *kind.AnyOf:
		return alternativeErrors(e)
	}
	var all []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		all = append(all, leafErrors(cause)...)
	}
	return all
}

func alternativeErrors(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	var best []*jsonschema.ValidationError
	var types []string
	deepest := -1
	for _, cause := range e.Causes {
		leaves := leafErrors(cause)
		depth := 0
		for _, leaf := range leaves {
			depth = max(depth, errorDepth(leaf))
		}
		if t, isType := cause.ErrorKind.(*kind.Type); isType && len(cause.InstanceLocation) == len(e.InstanceLocation) {
			types = append(types, t.Want...)
		}
		if depth > deepest {
			best, deepest = leaves, depth
		}
	}
	first, isType := best[0].ErrorKind.(*kind.Type)
	if isType && deepest == len(e.InstanceLocation) {
		slices.Sort(types)
		merged := *best[0]
		merged.ErrorKind = &kind.Type{Got: first.Got, Want: slices.Compact(types)}
		return []*jsonschema.ValidationError{&merged}
	}
	return best
}

// errorDepth returns the length of an error's path. An unknown key is a part of the path, and a value of the right type
// counts as half a part.
func errorDepth(e *jsonschema.ValidationError) int {
	if _, isUnknown := e.ErrorKind.(*kind.AdditionalProperties); isUnknown {
		return len(e.InstanceLocation) + 1
	}
	return len(e.InstanceLocation)
}

func (c *checker) reportSchemaError(s source, root *yaml.Node, e *jsonschema.ValidationError) {
	path := slices.Clone(e.InstanceLocation)
	if unknown, isUnknown := e.ErrorKind.(*kind.AdditionalProperties); isUnknown {
		for _, name := range unknown.Properties {
			c.reportUnknownAttribute(s, root, path, name)
		}
		return
	}
	if _, isFalse := e.ErrorKind.(*kind.FalseSchema); isFalse && len(path) > 0 {
		// The schema rejects an unknown attribute so, and also each attribute beside another mistake.
		parent, name := path[:len(path)-1], path[len(path)-1]
		isExtends := name == "extends" && len(path) == serviceDepth // the loader takes it out before
		if !isExtends && !slices.Contains(c.in.Attributes(parent), name) {
			c.reportUnknownAttribute(s, root, parent, name)
		}
		return
	}
	at, _ := follow(root, path)
	if c.explained[at.node()] || c.explained[at.value] {
		return
	}
	if _, isType := e.ErrorKind.(*kind.Type); isType && hasVariable(at.value) && castFor(path) != nil {
		return // the loader converts the value
	}
	where := strings.Join(path, ".")
	if where == "" {
		where = "the file"
	}
	message, suggestion := schemaMessage(where, e.ErrorKind, at.value)
	c.explained[at.value] = true
	node := at.node()
	if _, isType := e.ErrorKind.(*kind.Type); !isType && at.value.Kind == yaml.ScalarNode {
		node = at.value
	}
	c.reportNear(s.File, node, message, c.schemaRemedy(s, at.value, path), suggestion)
}

// schemaRemedy returns the variables without a value in a wrong value, else the form of the attribute.
func (c *checker) schemaRemedy(s source, value *yaml.Node, path []string) string {
	if note := c.unsetNote(s, value); note != "" {
		return note
	}
	if len(path) == serviceDepth-1 && path[0] == servicesKey && isNull(value) {
		return "Indent the attributes of the service."
	}
	if len(path) >= serviceDepth && path[0] == servicesKey {
		attribute := strings.Join(path[2:], ".")
		if scalarParsers()[attribute] != nil {
			return valueRemedy(attribute)
		}
	}
	return ""
}

// schemaMessage describes an error of the schema, with the nearest valid value.
func schemaMessage(where string, k jsonschema.ErrorKind, value *yaml.Node) (text, suggestion string) {
	switch k := k.(type) {
	case *kind.Type:
		return fmt.Sprintf("%s must be %s, not %s", where, typeNames(k.Want), typeName(k.Got)), ""
	case *kind.Enum:
		var names []string
		for _, want := range k.Want {
			names = append(names, fmt.Sprint(want))
		}
		return fmt.Sprintf("%s must be one of %s", where, strings.Join(names, ", ")), nearest(value.Value, names)
	case *kind.Required:
		return fmt.Sprintf("%s lacks %s", where, strings.Join(k.Missing, ", ")), ""
	case *kind.UniqueItems:
		return fmt.Sprintf("%s has the same item twice, number %d and number %d", where, k.Duplicates[0]+1,
			k.Duplicates[1]+1), ""
	}
	return where + " is invalid: " + k.LocalizedString(message.NewPrinter(language.English)), ""
}

// typeNames lists types in words.
func typeNames(types []string) string {
	var names []string
	for _, t := range types {
		if name := typeName(t); t != "null" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return typeName("null")
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func typeName(t string) string {
	switch t {
	case "array":
		return "a list"
	case "object":
		return "a mapping"
	case "string":
		return "a text"
	case "number", "integer":
		return "a number"
	case "boolean":
		return "true or false"
	case "null":
		return "empty"
	}
	return t
}

func (c *checker) reportUnknownAttribute(s source, root *yaml.Node, path []string, name string) {
	at, ok := follow(root, append(slices.Clone(path), name))
	if !ok || c.explained[at.key] {
		return
	}
	where := strings.Join(path, ".")
	if where == "" {
		where = "the file"
	}
	detail := ""
	suggestion := nearest(name, c.in.Attributes(path))
	if parent := c.parentOf(path, name); parent != "" && suggestion == "" {
		detail = fmt.Sprintf("The attribute belongs under `%s`.", parent)
	}
	c.reportNear(s.File, at.key, fmt.Sprintf("%s has no attribute %q", where, name), detail, suggestion)
}

// parentOf returns the attribute of a service with an attribute of the given name, or an empty text.
func (c *checker) parentOf(path []string, name string) string {
	if len(path) < 2 || path[0] != servicesKey {
		return ""
	}
	for _, parent := range []string{"build", "deploy", "healthcheck", "logging"} {
		if slices.Contains(c.in.Attributes([]string{servicesKey, path[1], parent}), name) {
			return parent
		}
	}
	return ""
}
