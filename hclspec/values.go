package hclspec

import (
	"errors"
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// valueError is a wrong value, with the way to it inside a list or map; key says that not the value at its end is wrong, but
// what it is called.
type valueError struct {
	path  cty.Path
	isKey bool
	text  string
}

func (e valueError) Error() string { return e.text }

func wrongTypeError(want string, v cty.Value) error {
	return valueError{text: fmt.Sprintf("it must be %s, not %s", want, typeDescription(v))}
}

// withPathStep adds a step to the way to a wrong value.
func withPathStep(key cty.Value, err error) error {
	var wrong valueError
	if !errors.As(err, &wrong) {
		wrong.text = err.Error()
	}
	wrong.path = append(cty.Path{cty.IndexStep{Key: key}}, wrong.path...)
	return wrong
}

// wrongKeyError is about what a value of a map is called.
func wrongKeyError(name, format string, args ...any) error {
	return valueError{path: cty.Path{cty.IndexStep{Key: cty.StringVal(name)}}, isKey: true, text: fmt.Sprintf(format, args...)}
}

// typeDescription names a value's type for a message.
func typeDescription(v cty.Value) string {
	ty := v.Type()
	switch {
	case v.IsNull():
		return "null"
	case ty == cty.String:
		return "a string"
	case ty == cty.Number:
		return "a number"
	case ty == cty.Bool:
		return "a bool"
	case isSequence(ty):
		return "a list"
	case isMapping(ty):
		return "a map"
	}
	return article(ty.FriendlyName())
}

func isSequence(ty cty.Type) bool {
	return ty.IsTupleType() || ty.IsListType() || ty.IsSetType()
}

func isMapping(ty cty.Type) bool {
	return ty.IsObjectType() || ty.IsMapType()
}

// asText takes a string, number or bool.
func asText(v cty.Value) (string, error) {
	if v.IsNull() || !v.Type().IsPrimitiveType() {
		return "", wrongTypeError("a string", v)
	}
	text, err := convert.Convert(v, cty.String)
	if err != nil {
		return "", err
	}
	return text.AsString(), nil
}

func asBool(v cty.Value) (bool, error) {
	if v.IsNull() || !v.Type().IsPrimitiveType() {
		return false, wrongTypeError("true or false", v)
	}
	b, err := convert.Convert(v, cty.Bool)
	if err != nil {
		return false, wrongTypeError("true or false", v)
	}
	return b.True(), nil
}

// asWords flattens a list: nested lists are spread, numbers and bools become text, null vanishes. It is never nil.
func asWords(v cty.Value) ([]string, error) {
	words := []string{}
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if v.Type().IsSetType() {
			key = cty.NumberIntVal(int64(len(words)))
		}
		if element.IsNull() {
			continue
		}
		if isSequence(element.Type()) {
			nested, err := asWords(element)
			if err != nil {
				return nil, withPathStep(key, err)
			}
			words = append(words, nested...)
			continue
		}
		word, err := asText(element)
		if err != nil {
			return nil, withPathStep(key, err)
		}
		words = append(words, word)
	}
	return words, nil
}

// asList takes a list of text, without nested lists. Null elements vanish, so that an element can be conditional.
func asList(v cty.Value) ([]string, error) {
	if v.IsNull() || !isSequence(v.Type()) {
		return nil, wrongTypeError("a list of strings", v)
	}
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if !element.IsNull() && isSequence(element.Type()) {
			return nil, withPathStep(key, wrongTypeError("a string", element))
		}
	}
	return asWords(v)
}

// asCommand takes a list, or text that it splits into words.
func asCommand(v cty.Value) ([]string, error) {
	if v.IsNull() {
		return nil, wrongTypeError("a list or a string", v)
	}
	if isSequence(v.Type()) {
		return asWords(v)
	}
	if v.Type() != cty.String {
		return nil, wrongTypeError("a list or a string", v)
	}
	return splitWords(v.AsString(), shellOperators())
}

// asMap takes a map of text, with nil for null.
func asMap(v cty.Value) (map[string]*string, error) {
	if v.IsNull() || !isMapping(v.Type()) {
		return nil, wrongTypeError("a map of strings", v)
	}
	entries := make(map[string]*string, v.LengthInt())
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if element.IsNull() {
			entries[key.AsString()] = nil
			continue
		}
		text, err := asText(element)
		if err != nil {
			return nil, withPathStep(key, err)
		}
		entries[key.AsString()] = &text
	}
	return entries, nil
}
