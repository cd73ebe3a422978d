package arguments

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/shellwords"
)

// Parser reads the words of a task with arg or flag blocks.
type Parser struct {
	task      *config.Task
	remaining []string
	Values    map[*config.Param][]string
	// Positional are the words without a dash.
	Positional      []string
	Rest            []string
	IsHelpRequested bool
}

// Parse sorts the words of a task into arguments and flags. The error is a message for the user, without a place.
func Parse(t *config.Task, words []string) (*Parser, error) {
	r := &Parser{task: t, remaining: words, Values: map[*config.Param][]string{}}
	for len(r.remaining) > 0 && !r.IsHelpRequested {
		word := r.remaining[0]
		r.remaining = r.remaining[1:]
		if word == "--" {
			r.Rest, r.remaining = r.remaining, nil
			break
		}
		if err := r.readWord(word); err != nil {
			return r, err
		}
	}
	if r.IsHelpRequested {
		return r, nil
	}
	return r, r.assignPositional()
}

func (r *Parser) readWord(word string) error {
	name, long := strings.CutPrefix(word, "--")
	switch {
	case word == "--help", word == "-h" && r.flagByLetter("h") == nil:
		r.IsHelpRequested = true
		return nil
	case long:
		return r.readLong(name)
	case len(word) > 1 && word[0] == '-' && !isNumber(r, word):
		return r.readLetters(word[1:])
	}
	r.Positional = append(r.Positional, word)
	return nil
}

// isNumber reports whether a word is a negative number and not a list of letters.
func isNumber(r *Parser, word string) bool {
	_, err := strconv.ParseFloat(word, 64)
	return err == nil
}

// readLong reads --name, --name=value and --name value.
func (r *Parser) readLong(text string) error {
	name, value, given := strings.Cut(text, "=")
	i := slices.IndexFunc(r.task.Flags, func(p *config.Param) bool { return p.Name == name })
	if i < 0 {
		return r.unknownFlagError("--"+name, flagSpellings(append(config.ParamNames(r.task.Flags), "help")))
	}
	return r.readFlagValue(r.task.Flags[i], "--"+name, value, given)
}

// readLetters reads -n value, -nvalue, -n=value, and several letters of bools in a word.
func (r *Parser) readLetters(text string) error {
	for text != "" {
		letter := text[:1]
		text = text[1:]
		p := r.flagByLetter(letter)
		if p == nil {
			return r.unknownFlagError("-"+letter, nil)
		}
		if p.Type == cty.Bool && !strings.HasPrefix(text, "=") {
			r.Values[p] = append(r.Values[p], "true")
			continue
		}
		return r.readFlagValue(p, "-"+letter, strings.TrimPrefix(text, "="), text != "")
	}
	return nil
}

func (r *Parser) flagByLetter(letter string) *config.Param {
	for _, p := range r.task.Flags {
		if p.ShortFlag == letter {
			return p
		}
	}
	return nil
}

func (r *Parser) readFlagValue(p *config.Param, spelling, value string, given bool) error {
	switch {
	case given:
	case p.Type == cty.Bool:
		value = "true"
	case len(r.remaining) == 0:
		return fmt.Errorf("%s needs a value: write %s VALUE", spelling, spelling)
	default:
		value, r.remaining = r.remaining[0], r.remaining[1:]
	}
	if !p.IsRepeated() {
		r.Values[p] = nil // the last one counts
	}
	r.Values[p] = append(r.Values[p], value)
	return nil
}

func (r *Parser) unknownFlagError(spelling string, flags []string) error {
	known := "It has no flags."
	if len(r.task.Flags) > 0 {
		known = "Its flags are " + strings.Join(flagSpellings(config.ParamNames(r.task.Flags)), ", ") + "."
	}
	hint := diag.DidYouMean(spelling, flags)
	if hint.IsEmpty() {
		hint = diag.Textf("%s",
			" Flags of `tasks` itself stand before the task's name; what is for the command alone goes behind `--`.")
	}
	return diag.Errorf("task %q has no flag %s. %s%s", r.task.Name, spelling, known, hint)
}

// flagSpellings returns names with the dashes of flags.
func flagSpellings(names []string) []string {
	flags := make([]string, len(names))
	for i, name := range names {
		flags[i] = "--" + name
	}
	return flags
}

// assignPositional gives the positional words to the arguments.
func (r *Parser) assignPositional() error {
	words := r.Positional
	for _, p := range r.task.Args {
		switch {
		case len(words) == 0:
		case p.IsVariadic:
			r.Values[p], words = words, nil
		default:
			r.Values[p], words = words[:1], words[1:]
		}
	}
	if len(words) > 0 {
		return fmt.Errorf("task %q does not know what to do with %s: %s", r.task.Name, shellwords.Quote(words),
			r.expectedText())
	}
	return nil
}

func (r *Parser) expectedText() string {
	switch n := len(r.task.Args); n {
	case 0:
		return "it takes flags only"
	case 1:
		return "it takes one argument, " + r.task.Args[0].Name
	default:
		return fmt.Sprintf("it takes %d arguments, %s", n, strings.Join(config.ParamNames(r.task.Args), ", "))
	}
}

// ParamValue makes the value of a parameter from texts.
func ParamValue(p *config.Param, texts []string) (cty.Value, error) {
	if !p.IsVariadic && !p.IsRepeated() {
		return ParseText(p, texts[0], p.Type)
	}
	element := p.Type
	if p.IsRepeated() {
		element = p.Type.ElementType()
	}
	values := []cty.Value{}
	for _, text := range texts {
		v, err := ParseText(p, text, element)
		if err != nil {
			return cty.NilVal, err
		}
		values = append(values, v)
	}
	return convert.Convert(cty.TupleVal(values), p.ValueType())
}

func ParseText(p *config.Param, text string, want cty.Type) (cty.Value, error) {
	v, err := ctyconv.ParseValue(text, want)
	if err == nil {
		v, err = convert.Convert(v, want)
	}
	if err != nil {
		return cty.NilVal, fmt.Errorf("%s: %q is not %s", p.DisplayName(), text,
			diag.Article(want.FriendlyNameForConstraint()))
	}
	return v, nil
}

// CheckEnum returns an error unless the value is in the enum.
func CheckEnum(p *config.Param, v cty.Value) error {
	if len(p.Enum) == 0 || v.IsNull() || !v.IsWhollyKnown() {
		return nil
	}
	if ctyconv.IsSequence(v.Type()) {
		for it := v.ElementIterator(); it.Next(); {
			_, element := it.Element()
			if err := CheckEnum(p, element); err != nil {
				return err
			}
		}
		return nil
	}
	text, err := ctyconv.AsText(v)
	if err != nil || !slices.Contains(p.Enum, text) {
		return diag.Errorf("%s cannot be %q: it is one of %s.%s", p.DisplayName(), text, strings.Join(p.Enum, ", "),
			diag.DidYouMean(text, p.Enum))
	}
	return nil
}
