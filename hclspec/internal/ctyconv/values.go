package ctyconv

import (
	"errors"
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/shellwords"
)

// ConvertTo converts a value. The error names the type.
func ConvertTo(v cty.Value, want cty.Type) (cty.Value, error) {
	converted, err := convert.Convert(v, want)
	if err != nil {
		return cty.NilVal, fmt.Errorf("it must be %s: %s", diag.Article(want.FriendlyNameForConstraint()), err)
	}
	return converted, nil
}

// ElementKeyOf returns the key of a text in a list.
func ElementKeyOf(v cty.Value, text string) cty.Value {
	for it := v.ElementIterator(); it.Next(); {
		if key, element := it.Element(); element.RawEquals(cty.StringVal(text)) {
			return key
		}
	}
	return cty.Zero
}

func TextList(words []string) cty.Value {
	if len(words) == 0 {
		return cty.ListValEmpty(cty.String)
	}
	values := make([]cty.Value, len(words))
	for i, word := range words {
		values[i] = cty.StringVal(word)
	}
	return cty.ListVal(values)
}

// AsNonEmptyText converts text that is not empty.
func AsNonEmptyText(v cty.Value) (string, error) {
	name, err := AsText(v)
	if err == nil && name == "" {
		return "", errors.New("it is empty")
	}
	return name, err
}

// WithPlaceholders replaces each unknown value by a harmless value of the same type. The result is not ok for a
// value of unknown type.
func WithPlaceholders(v cty.Value) (cty.Value, bool) {
	typed := true
	replaced, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		switch {
		case v.IsKnown():
			return v, nil
		case v.Type() == cty.String:
			return cty.StringVal("x"), nil
		case v.Type() == cty.Number:
			return cty.Zero, nil
		case v.Type() == cty.Bool:
			return cty.False, nil
		}
		typed = false
		return v, nil
	})
	return replaced, typed && err == nil
}

// IsTrue reports whether a value is known and true.
func IsTrue(v cty.Value) bool {
	return v.IsWhollyKnown() && !v.IsNull() && v.Type() == cty.Bool && v.True()
}

// ValueError is a wrong value with its path in a list or map. With isKey, the last key of the path is wrong.
type ValueError struct {
	Path  cty.Path
	IsKey bool
	text  string
	// cause is the source of the text, or nil.
	cause error
}

func (e ValueError) Error() string { return e.text }

// Unwrap returns the cause.
func (e ValueError) Unwrap() error { return e.cause }

func WrongTypeError(want string, v cty.Value) error {
	return ValueError{text: fmt.Sprintf("it must be %s, not %s", want, typeDescription(v))}
}

// WithPathStep adds a step to the path of a wrong value.
func WithPathStep(key cty.Value, err error) error {
	var wrong ValueError
	if !errors.As(err, &wrong) {
		wrong.text, wrong.cause = err.Error(), err
	}
	wrong.Path = append(cty.Path{cty.IndexStep{Key: key}}, wrong.Path...)
	return wrong
}

// WrongKeyError is an error about a key of a map.
func WrongKeyError(name, format string, args ...any) error {
	return ValueError{Path: cty.Path{cty.IndexStep{Key: cty.StringVal(name)}}, IsKey: true,
		text: fmt.Sprintf(format, args...)}
}

// typeDescription names the type of a value in messages.
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
	case IsSequence(ty):
		return "a list"
	case IsMapping(ty):
		return "a map"
	}
	return diag.Article(ty.FriendlyName())
}

func IsSequence(ty cty.Type) bool {
	return ty.IsTupleType() || ty.IsListType() || ty.IsSetType()
}

func IsMapping(ty cty.Type) bool {
	return ty.IsObjectType() || ty.IsMapType()
}

// AsText converts a string, number or bool.
func AsText(v cty.Value) (string, error) {
	if v.IsNull() || !v.Type().IsPrimitiveType() {
		return "", WrongTypeError("a string", v)
	}
	text, err := convert.Convert(v, cty.String)
	if err != nil {
		return "", err
	}
	return text.AsString(), nil
}

func AsBool(v cty.Value) (bool, error) {
	if v.IsNull() || !v.Type().IsPrimitiveType() {
		return false, WrongTypeError("true or false", v)
	}
	b, err := convert.Convert(v, cty.Bool)
	if err != nil {
		return false, WrongTypeError("true or false", v)
	}
	return b.True(), nil
}

// AsWords flattens a list. Nested lists are spread, numbers and bools become text, null is left out. The result is
// never nil.
func AsWords(v cty.Value) ([]string, error) {
	words := []string{}
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if v.Type().IsSetType() {
			key = cty.NumberIntVal(int64(len(words)))
		}
		if element.IsNull() {
			continue
		}
		if IsSequence(element.Type()) {
			nested, err := AsWords(element)
			if err != nil {
				return nil, WithPathStep(key, err)
			}
			words = append(words, nested...)
			continue
		}
		word, err := AsText(element)
		if err != nil {
			return nil, WithPathStep(key, err)
		}
		words = append(words, word)
	}
	return words, nil
}

// AsList converts a list of text without nested lists. Null elements are left out, for conditional elements.
func AsList(v cty.Value) ([]string, error) {
	if v.IsNull() || !IsSequence(v.Type()) {
		return nil, WrongTypeError("a list of strings", v)
	}
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if !element.IsNull() && IsSequence(element.Type()) {
			return nil, WithPathStep(key, WrongTypeError("a string", element))
		}
	}
	return AsWords(v)
}

// AsCommand converts a list, or text that is split into words.
func AsCommand(v cty.Value) ([]string, error) {
	if v.IsNull() {
		return nil, WrongTypeError("a list or a string", v)
	}
	if IsSequence(v.Type()) {
		return AsWords(v)
	}
	if v.Type() != cty.String {
		return nil, WrongTypeError("a list or a string", v)
	}
	return shellwords.Split(v.AsString(), shellwords.Operators())
}

// AsMap converts a map of text. Null becomes nil.
func AsMap(v cty.Value) (map[string]*string, error) {
	if v.IsNull() || !IsMapping(v.Type()) {
		return nil, WrongTypeError("a map of strings", v)
	}
	entries := make(map[string]*string, v.LengthInt())
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if element.IsNull() {
			entries[key.AsString()] = nil
			continue
		}
		text, err := AsText(element)
		if err != nil {
			return nil, WithPathStep(key, err)
		}
		entries[key.AsString()] = &text
	}
	return entries, nil
}
