package diag

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"tasks/internal/suggest"
)

// Text is a part of a message. Beside its words it carries data for programs: a suggestion and places in files. The
// words never decide what programs see.
type Text struct {
	words      string
	suggestion string
	related    []hcl.Range
}

// String returns the words.
func (t Text) String() string { return t.words }

// IsEmpty reports whether the text has no words.
func (t Text) IsEmpty() bool { return t.words == "" }

// Textf formats a text. The text carries the data of all arguments: the first suggestion and all places.
func Textf(format string, args ...any) Text {
	t := Text{words: fmt.Sprintf(format, args...)}
	for _, arg := range args {
		switch arg := arg.(type) {
		case Text:
			t.addData(arg)
		case error:
			if carrier, ok := errors.AsType[textError](arg); ok {
				t.addData(carrier.text)
			}
		}
	}
	return t
}

func (t *Text) addData(from Text) {
	if t.suggestion == "" {
		t.suggestion = from.suggestion
	}
	t.related = slices.Concat(t.related, from.related)
}

// Join puts texts together, with a separator between them.
func Join(texts []Text, separator string) Text {
	var joined Text
	words := make([]string, len(texts))
	for i, text := range texts {
		words[i] = text.words
		joined.addData(text)
	}
	joined.words = strings.Join(words, separator)
	return joined
}

// Suggest formats a text that suggests a name or a command. The format shows the suggestion.
func Suggest(format, suggestion string) Text {
	return Text{words: fmt.Sprintf(format, suggestion), suggestion: suggestion}
}

// DidYouMean renders the nearest candidate as the end of a message: ` Did you mean "x"?`, or nothing.
func DidYouMean(name string, candidates []string) Text {
	near := suggest.Nearest(name, candidates)
	if near == "" {
		return Text{}
	}
	return Suggest(" Did you mean %q?", near)
}

// Place renders the start of a range as file:line:column. The range becomes a related place of the diagnostic.
func Place(r hcl.Range) Text {
	return Text{words: PosText(r), related: []hcl.Range{r}}
}

// PosText renders the start of a range as file:line:column.
func PosText(r hcl.Range) string {
	return fmt.Sprintf("%s:%d:%d", r.Filename, r.Start.Line, r.Start.Column)
}

// textError is an error with the data of a text.
type textError struct{ text Text }

func (e textError) Error() string { return e.text.words }

// Errorf makes an error that carries the data of its arguments.
func Errorf(format string, args ...any) error { return textError{Textf(format, args...)} }
