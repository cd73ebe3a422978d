package composeproject

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/suggest"
)

// nearest returns the candidate nearest to a wrong name, or "". The wrong name itself is never the result.
func nearest(name string, candidates []string) string {
	others := slices.DeleteFunc(slices.Clone(candidates), func(candidate string) bool { return candidate == name })
	return suggest.Nearest(name, others)
}

func didYouMean(name string, candidates []string) string {
	if near := nearest(name, candidates); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// attributesAt returns the valid names at a path of a compose file, from the yaml tags of compose-go's types. An
// invalid path gives nil.
func attributesAt(path []string) []string {
	names := attributesUnder(reflect.TypeFor[types.Project](), path)
	if len(path) == 0 {
		names = append(names, "include")
	}
	return names
}

func attributesUnder(at reflect.Type, path []string) []string {
	at = dereferencedType(at)
	switch {
	case at.Kind() == reflect.Struct:
		return attributesOfStruct(at, path)
	case len(path) == 0:
		return []string{} // a value with free names or without names
	case at.Kind() == reflect.Map:
		return attributesOfElement(at.Elem(), path)
	case at.Kind() == reflect.Slice:
		return attributesUnder(at.Elem(), path[1:])
	default:
		return nil
	}
}

// attributesOfElement tries keys of one segment, two segments and so on, because names may have dots.
func attributesOfElement(element reflect.Type, path []string) []string {
	for n := 1; n <= len(path); n++ {
		if names := attributesUnder(element, path[n:]); names != nil {
			return names
		}
	}
	return nil
}

func attributesOfStruct(at reflect.Type, path []string) []string {
	var names []string
	isService := at == reflect.TypeFor[types.ServiceConfig]()
	for _, field := range reflect.VisibleFields(at) {
		name := yamlName(field)
		switch {
		case name == "" || isService && name == "dockerfile": // format 1
		case len(path) == 0:
			names = append(names, name)
		case name == path[0]:
			return attributesUnder(field.Type, path[1:])
		}
	}
	return names
}

func dereferencedType(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// yamlName returns the field's name in a compose file, or "" for a field without a place in files. The fields net,
// log_driver and log_opt of a service come from older formats.
func yamlName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	switch name {
	case "-", "", "#extensions", "net", "log_driver", "log_opt":
		return ""
	}
	return name
}
