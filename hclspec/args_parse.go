package hclspec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/shellwords"
)

// parsedArgs is what the words behind a task's name say.
type parsedArgs struct {
	args, flags map[string]cty.Value
	// rest is what follows `--`, or all words where the task declares neither arg nor flag: `args`.
	rest []string
}

// argParser reads the words of a task that declares what they are.
type argParser struct {
	task      *taskBlock
	remaining []string
	values    map[*param][]string
	// positional are the words that are no flags.
	positional      []string
	rest            []string
	isHelpRequested bool
}

// readArgs tells the words of a task apart. Its error is for the user, without a place.
func readArgs(t *taskBlock, words []string) (*argParser, error) {
	r := &argParser{task: t, remaining: words, values: map[*param][]string{}}
	for len(r.remaining) > 0 && !r.isHelpRequested {
		word := r.remaining[0]
		r.remaining = r.remaining[1:]
		if word == "--" {
			r.rest, r.remaining = r.remaining, nil
			break
		}
		if err := r.readWord(word); err != nil {
			return r, err
		}
	}
	if r.isHelpRequested {
		return r, nil
	}
	return r, r.assignPositional()
}

func (r *argParser) readWord(word string) error {
	name, long := strings.CutPrefix(word, "--")
	switch {
	case word == "--help", word == "-h" && r.flagByLetter("h") == nil:
		r.isHelpRequested = true
		return nil
	case long:
		return r.readLong(name)
	case len(word) > 1 && word[0] == '-' && !r.isNumber(word):
		return r.readLetters(word[1:])
	}
	r.positional = append(r.positional, word)
	return nil
}

// isNumber says that a word is a negative number rather than letters.
func (r *argParser) isNumber(word string) bool {
	_, err := strconv.ParseFloat(word, 64)
	return err == nil
}

// readLong reads --name, --name=value and --name value.
func (r *argParser) readLong(text string) error {
	name, value, given := strings.Cut(text, "=")
	i := slices.IndexFunc(r.task.flags, func(p *param) bool { return p.name == name })
	if i < 0 {
		return r.unknownFlagError("--"+name, flagSpellings(append(paramNames(r.task.flags), "help")))
	}
	return r.readFlagValue(r.task.flags[i], "--"+name, value, given)
}

// readLetters reads -n value, -nvalue, -n=value, and letters of bools in one word.
func (r *argParser) readLetters(text string) error {
	for text != "" {
		letter := text[:1]
		text = text[1:]
		p := r.flagByLetter(letter)
		if p == nil {
			return r.unknownFlagError("-"+letter, nil)
		}
		if p.typ == cty.Bool && !strings.HasPrefix(text, "=") {
			r.values[p] = append(r.values[p], "true")
			continue
		}
		return r.readFlagValue(p, "-"+letter, strings.TrimPrefix(text, "="), text != "")
	}
	return nil
}

func (r *argParser) flagByLetter(letter string) *param {
	for _, p := range r.task.flags {
		if p.shortFlag == letter {
			return p
		}
	}
	return nil
}

func (r *argParser) readFlagValue(p *param, spelling, value string, given bool) error {
	switch {
	case given:
	case p.typ == cty.Bool:
		value = "true"
	case len(r.remaining) == 0:
		return fmt.Errorf("%s needs a value: write %s VALUE", spelling, spelling)
	default:
		value, r.remaining = r.remaining[0], r.remaining[1:]
	}
	if !p.isRepeated() {
		r.values[p] = nil // the last one counts
	}
	r.values[p] = append(r.values[p], value)
	return nil
}

func (r *argParser) unknownFlagError(spelling string, flags []string) error {
	known := "It has no flags."
	if len(r.task.flags) > 0 {
		known = "Its flags are " + strings.Join(flagSpellings(paramNames(r.task.flags)), ", ") + "."
	}
	hint := diag.DidYouMean(spelling, flags)
	if hint.IsEmpty() {
		hint = diag.Textf("%s", " Flags of `tasks` itself stand before the task's name; what is for the command alone goes behind `--`.")
	}
	return diag.Errorf("task %q has no flag %s. %s%s", r.task.name, spelling, known, hint)
}

// flagSpellings are names as flags are written.
func flagSpellings(names []string) []string {
	flags := make([]string, len(names))
	for i, name := range names {
		flags[i] = "--" + name
	}
	return flags
}

// assignPositional gives the words that are no flags to the arguments.
func (r *argParser) assignPositional() error {
	words := r.positional
	for _, p := range r.task.args {
		switch {
		case len(words) == 0:
		case p.isVariadic:
			r.values[p], words = words, nil
		default:
			r.values[p], words = words[:1], words[1:]
		}
	}
	if len(words) > 0 {
		return fmt.Errorf("task %q does not know what to do with %s: %s", r.task.name, shellwords.Quote(words), r.expectedText())
	}
	return nil
}

func (r *argParser) expectedText() string {
	switch n := len(r.task.args); n {
	case 0:
		return "it takes flags only"
	case 1:
		return "it takes one argument, " + r.task.args[0].name
	default:
		return fmt.Sprintf("it takes %d arguments, %s", n, strings.Join(paramNames(r.task.args), ", "))
	}
}

// parse makes a value of the texts that were given for a parameter.
func (p *param) parse(texts []string) (cty.Value, error) {
	if !p.isVariadic && !p.isRepeated() {
		return p.parseOne(texts[0], p.typ)
	}
	element := p.typ
	if p.isRepeated() {
		element = p.typ.ElementType()
	}
	values := []cty.Value{}
	for _, text := range texts {
		v, err := p.parseOne(text, element)
		if err != nil {
			return cty.NilVal, err
		}
		values = append(values, v)
	}
	return convert.Convert(cty.TupleVal(values), p.valueType())
}

func (p *param) parseOne(text string, want cty.Type) (cty.Value, error) {
	v, err := ctyconv.ParseValue(text, want)
	if err == nil {
		v, err = convert.Convert(v, want)
	}
	if err != nil {
		return cty.NilVal, fmt.Errorf("%s: %q is not %s", p.displayName(), text, diag.Article(want.FriendlyNameForConstraint()))
	}
	return v, nil
}

// checkEnum says whether a value is among those of the enum.
func (p *param) checkEnum(v cty.Value) error {
	if len(p.enum) == 0 || v.IsNull() || !v.IsWhollyKnown() {
		return nil
	}
	if ctyconv.IsSequence(v.Type()) {
		for it := v.ElementIterator(); it.Next(); {
			_, element := it.Element()
			if err := p.checkEnum(element); err != nil {
				return err
			}
		}
		return nil
	}
	text, err := ctyconv.AsText(v)
	if err != nil || !slices.Contains(p.enum, text) {
		return diag.Errorf("%s cannot be %q: it is one of %s.%s", p.displayName(), text, strings.Join(p.enum, ", "), diag.DidYouMean(text, p.enum))
	}
	return nil
}
