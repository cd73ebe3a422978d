package hclspec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// spoken is what the words behind a task's name say.
type spoken struct {
	args, flags map[string]cty.Value
	// rest is what follows `--`, or all words where the task declares neither arg nor flag: `args`.
	rest []string
}

// wordReader reads the words of a task that declares what they are.
type wordReader struct {
	task  *taskBlock
	words []string
	said  map[*param][]string
	// positional are the words that are no flags.
	positional []string
	rest       []string
	help       bool
}

// readWords tells the words of a task apart. Its error is for the user, without a place.
func readWords(t *taskBlock, words []string) (*wordReader, error) {
	r := &wordReader{task: t, words: words, said: map[*param][]string{}}
	for len(r.words) > 0 && !r.help {
		word := r.words[0]
		r.words = r.words[1:]
		if word == "--" {
			r.rest, r.words = r.words, nil
			break
		}
		if err := r.word(word); err != nil {
			return r, err
		}
	}
	if r.help {
		return r, nil
	}
	return r, r.place()
}

func (r *wordReader) word(word string) error {
	name, long := strings.CutPrefix(word, "--")
	switch {
	case word == "--help", word == "-h" && r.letter("h") == nil:
		r.help = true
		return nil
	case long:
		return r.long(name)
	case len(word) > 1 && word[0] == '-' && !r.isNumber(word):
		return r.letters(word[1:])
	}
	r.positional = append(r.positional, word)
	return nil
}

// isNumber says that a word is a negative number rather than letters.
func (r *wordReader) isNumber(word string) bool {
	_, err := strconv.ParseFloat(word, 64)
	return err == nil
}

// long reads --name, --name=value and --name value.
func (r *wordReader) long(text string) error {
	name, value, given := strings.Cut(text, "=")
	i := slices.IndexFunc(r.task.flags, func(p *param) bool { return p.name == name })
	if i < 0 {
		return r.unknownFlag("--"+name, dashed(append(paramNames(r.task.flags), "help")))
	}
	return r.value(r.task.flags[i], "--"+name, value, given)
}

// letters reads -n value, -nvalue, -n=value, and letters of bools in one word.
func (r *wordReader) letters(text string) error {
	for text != "" {
		letter := text[:1]
		text = text[1:]
		p := r.letter(letter)
		if p == nil {
			return r.unknownFlag("-"+letter, nil)
		}
		if p.typ == cty.Bool && !strings.HasPrefix(text, "=") {
			r.said[p] = append(r.said[p], "true")
			continue
		}
		return r.value(p, "-"+letter, strings.TrimPrefix(text, "="), text != "")
	}
	return nil
}

func (r *wordReader) letter(letter string) *param {
	for _, p := range r.task.flags {
		if p.short == letter {
			return p
		}
	}
	return nil
}

func (r *wordReader) value(p *param, written, value string, given bool) error {
	switch {
	case given:
	case p.typ == cty.Bool:
		value = "true"
	case len(r.words) == 0:
		return fmt.Errorf("%s needs a value: write %s VALUE", written, written)
	default:
		value, r.words = r.words[0], r.words[1:]
	}
	if !p.repeated() {
		r.said[p] = nil // the last one counts
	}
	r.said[p] = append(r.said[p], value)
	return nil
}

func (r *wordReader) unknownFlag(written string, flags []string) error {
	known := "It has no flags."
	if len(r.task.flags) > 0 {
		known = "Its flags are " + strings.Join(dashed(paramNames(r.task.flags)), ", ") + "."
	}
	hint := didYouMean(written, flags)
	if hint == "" {
		hint = " Flags of `tasks` itself stand before the task's name; what is for the command alone goes behind `--`."
	}
	return fmt.Errorf("task %q has no flag %s. %s%s", r.task.name, written, known, hint)
}

// dashed are names as flags are written.
func dashed(names []string) []string {
	flags := make([]string, len(names))
	for i, name := range names {
		flags[i] = "--" + name
	}
	return flags
}

// place gives the words that are no flags to the arguments.
func (r *wordReader) place() error {
	words := r.positional
	for _, p := range r.task.args {
		switch {
		case len(words) == 0:
		case p.variadic:
			r.said[p], words = words, nil
		default:
			r.said[p], words = words[:1], words[1:]
		}
	}
	if len(words) > 0 {
		return fmt.Errorf("task %q does not know what to do with %s: %s", r.task.name, quoteWords(words), r.expects())
	}
	return nil
}

func (r *wordReader) expects() string {
	switch n := len(r.task.args); n {
	case 0:
		return "it takes flags only"
	case 1:
		return "it takes one argument, " + r.task.args[0].name
	default:
		return fmt.Sprintf("it takes %d arguments, %s", n, strings.Join(paramNames(r.task.args), ", "))
	}
}

// read makes a value of the texts that were given for a parameter.
func (p *param) read(texts []string) (cty.Value, error) {
	if !p.variadic && !p.repeated() {
		return p.readOne(texts[0], p.typ)
	}
	element := p.typ
	if p.repeated() {
		element = p.typ.ElementType()
	}
	values := []cty.Value{}
	for _, text := range texts {
		v, err := p.readOne(text, element)
		if err != nil {
			return cty.NilVal, err
		}
		values = append(values, v)
	}
	return convert.Convert(cty.TupleVal(values), p.valueType())
}

func (p *param) readOne(text string, want cty.Type) (cty.Value, error) {
	v, err := readValue(text, want)
	if err == nil {
		v, err = convert.Convert(v, want)
	}
	if err != nil {
		return cty.NilVal, fmt.Errorf("%s: %q is not %s", p.noun(), text, article(want.FriendlyNameForConstraint()))
	}
	return v, nil
}

// accepts says whether a value is among those of the enum.
func (p *param) accepts(v cty.Value) error {
	if len(p.enum) == 0 || v.IsNull() || !v.IsWhollyKnown() {
		return nil
	}
	if isSequence(v.Type()) {
		for it := v.ElementIterator(); it.Next(); {
			_, element := it.Element()
			if err := p.accepts(element); err != nil {
				return err
			}
		}
		return nil
	}
	text, err := asText(v)
	if err != nil || !slices.Contains(p.enum, text) {
		return fmt.Errorf("%s cannot be %q: it is one of %s.%s", p.noun(), text, strings.Join(p.enum, ", "), didYouMean(text, p.enum))
	}
	return nil
}
