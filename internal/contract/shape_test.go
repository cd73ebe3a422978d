package contract

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
)

// words are the fields with values of a fixed list: the shape names those that are there.
var words = []string{"verb", "kind", "kinds", "severity", "condition", "source", "runs", "event", "mode", "dependency_policy", "ph", "cat"}

// open are the objects with keys that are no names of fields.
var open = []string{"projects", "private"}

// shape is the set of paths in a document, each with the types that it has, and the values where these are fixed words.
type shape map[string]map[string]bool

func (s shape) add(path, what string) {
	if s[path] == nil {
		s[path] = map[string]bool{}
	}
	s[path][what] = true
}

// walk adds a value, under the path and the name of its field.
func (s shape) walk(path, field string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			step := key
			if slices.Contains(open, field) && path != "" {
				step = "*"
			}
			s.walk(path+"."+step, key, inner)
		}
	case []any:
		s.add(path, "list")
		for _, inner := range v {
			s.walk(path+"[]", field, inner)
		}
	case string:
		if slices.Contains(words, field) {
			s.add(path, `"`+v+`"`)
			return
		}
		s.add(path, "string")
	case float64:
		s.add(path, "number")
	case bool:
		s.add(path, "bool")
	case nil:
		s.add(path, "null")
	}
}

func (s shape) String() string {
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(s)) {
		b.WriteString(path + ": " + strings.Join(slices.Sorted(maps.Keys(s[path])), " ") + "\n")
	}
	return b.String()
}

// document adds a JSON document. Documents of one version begin with it.
func (s shape) document(t *testing.T, text string) {
	t.Helper()
	var tree any
	if err := json.Unmarshal([]byte(text), &tree); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	if _, isObject := tree.(map[string]any); isObject && !strings.HasPrefix(text, "{\n  \"format_version\": 1,\n") {
		t.Errorf("the document begins otherwise:\n%s", text)
	}
	s.walk("", "", tree)
}

// events adds the lines of --events, each below the name of its event.
func (s shape) events(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		var event map[string]any
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		s.walk(event["event"].(string), "", event)
	}
}

// elements adds the elements and attributes of an XML document.
func (s shape) elements(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	var at []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			at = append(at, e.Name.Local)
			s.add(strings.Join(at, "/"), "element")
			for _, attribute := range e.Attr {
				s.add(strings.Join(at, "/")+"@"+attribute.Name.Local, "attribute")
			}
		case xml.EndElement:
			at = at[:len(at)-1]
		}
	}
}
