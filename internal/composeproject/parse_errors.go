package composeproject

import (
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/format"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"
)

// locateParseError finds the item with a parse error by parsing all services and jobs again. For ports, volumes and
// healthchecks, compose-go reports neither the service nor the place. about is the owner of the item, like "service
// web: ports", or empty if the message is about another attribute.
func (s *sources) locateParseError(message string) (at location, about string) {
	for _, doc := range s.docs() {
		if doc.root == nil || len(doc.root.Content) == 0 {
			continue
		}
		for section, noun := range map[string]string{"services": "service ", "jobs": "job "} {
			all := valueAt(doc.root.Content[0], section)
			if all == nil || all.Kind != yaml.MappingNode {
				continue
			}
			for i := 0; i+1 < len(all.Content); i += 2 {
				if item, attribute := parseErrorIn(all.Content[i+1], message); item != nil {
					at := location{file: doc.file, line: item.Line, column: item.Column, isComplete: true}
					return at, noun + all.Content[i].Value + ": " + attribute
				}
			}
		}
	}
	return location{}, ""
}

func parseErrorIn(service *yaml.Node, message string) (item *yaml.Node, attribute string) {
	for attribute, read := range shortSyntaxParsers() {
		if item := unparsableItem(valueAt(service, attribute), message, read); item != nil {
			return item, attribute
		}
	}
	if strings.HasSuffix(message, "field Source must not be empty") {
		return bindWithoutSource(valueAt(service, "volumes")), "volumes"
	}
	if strings.HasPrefix(message, "healthcheck.test must start") {
		return invalidHealthcheckTest(valueAt(service, "healthcheck", "test")), "healthcheck"
	}
	return nil, ""
}

// bindWithoutSource returns the first bind mount without a source, or nil.
func bindWithoutSource(list *yaml.Node) *yaml.Node {
	if list == nil {
		return nil
	}
	for _, item := range list.Content {
		kind, source := valueAt(item, "type"), valueAt(item, "source")
		if kind != nil && kind.Value == types.VolumeTypeBind && (source == nil || source.Value == "") {
			return item
		}
	}
	return nil
}

// invalidHealthcheckTest returns the test of a healthcheck if the first word is invalid, or nil.
func invalidHealthcheckTest(test *yaml.Node) *yaml.Node {
	if test == nil || len(test.Content) == 0 ||
		slices.Contains([]string{"CMD", "CMD-SHELL", "NONE"}, test.Content[0].Value) {
		return nil
	}
	return test
}

// shortSyntaxParsers maps the attributes with a short syntax to compose-go's parsers.
func shortSyntaxParsers() map[string]func(string) error {
	return map[string]func(string) error{
		"ports": func(text string) error {
			_, err := types.ParsePortConfig(text)
			return err
		},
		"volumes": func(text string) error {
			_, err := format.ParseVolume(text)
			return err
		},
	}
}

// unparsableItem returns the first item of a list with the given parse error, or nil.
func unparsableItem(list *yaml.Node, message string, read func(string) error) *yaml.Node {
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	for _, item := range list.Content {
		if item.Kind != yaml.ScalarNode {
			continue
		}
		if err := read(item.Value); err != nil && strings.Contains(message, err.Error()) {
			return item
		}
	}
	return nil
}
