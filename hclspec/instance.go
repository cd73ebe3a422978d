package hclspec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// instance is one run of a task: its block, with one combination of its matrix and with words. The same task with other
// words is another run.
type instance struct {
	block *taskBlock
	// name tells the runs of a Spec apart: build, build(linux), test@db=16,python=3.12.
	name   string
	matrix map[string]cty.Value
	request
	spoken
	// late gives the words once the tasks have run that they come from; nil where they are known.
	late *lateWords
	// after is the run that this one follows, whose end result.* tells of; nil: none.
	after *instance
	// under is the dependency policy of the run, and of those that it reaches and that say none.
	under standing
	// asked says that the command line names the task; only, that the tasks of its depends_on are left out.
	asked, only bool
}

// lateWords are the args of a `depends` block that need results, or words that nobody knows.
type lateWords struct {
	// by is the run whose block gives the words; nil where they are left open (see [Target]).
	by   *instance
	args *attr
	at   hcl.Range
}

// instances are the runs that an evaluation has come upon, in order, and by what identifies them.
type instances struct {
	queue      []*instance
	byIdentity map[string]*instance
	// names are those that are taken, with the policy of who has each.
	names map[string]standing
	// heard are the runs whose words are known, by what identifies them under whichever policy. They have no name.
	heard map[string]*instance
}

// blockName is the task of a run's name: test of test@db=16.
func blockName(name string) string {
	block, _, _ := strings.Cut(name, "@")
	return block
}

// combinationOf is what follows the task in a run's name: db=16 of test@db=16.
func combinationOf(name string) string {
	_, combination, _ := strings.Cut(name, "@")
	return combination
}

// call is one way in which a task is asked for.
type call struct {
	block       *taskBlock
	combination string
	request     request
	late        *lateWords
	// after is the run that the wanted ones follow, from the one that asks for them; nil: it is the command line.
	after, from *instance
	asked, only bool
	// isolated puts them under a policy of the command line's: a private project for each.
	isolated bool
	// at is the place that asks, wordsAt that of the words; empty on the command line.
	at, wordsAt hcl.Range
}

// runsOf gives the runs that a call means, made where they are new: one, or one of each combination of the task's matrix.
func (e *evaluation) runsOf(c call) []*instance {
	var runs []*instance
	for _, combination := range e.combinations(c) {
		runs = append(runs, e.instance(c, combination))
	}
	return runs
}

func (e *evaluation) instance(c call, combination combination) *instance {
	base := c.block.name
	if combination.text != "" {
		base += "@" + combination.text
	}
	plain, identity := base, base
	if len(c.request.words) > 0 {
		identity += "\x00" + quoteWords(c.request.words)
	}
	if c.late != nil {
		identity += fmt.Sprintf("\x00late %p %s", c.late.by, place(c.late.at))
	}
	if c.after != nil {
		identity += "\x00after " + c.after.name
	}
	i := *e.heard(c, combination, identity)
	i.under = e.standing(c, &i)
	key := i.under.key()
	if known := e.runs.byIdentity[identity+key]; known != nil {
		return known
	}
	i.asked, i.only, i.name = c.asked, c.only, e.name(c, plain, identity != plain, i.under)
	if i.under.policy == PolicyEphemeral && i.under.private == "" {
		i.under.private = i.name
	}
	e.runs.byIdentity[identity+key], e.runs.names[i.name] = &i, i.under
	if i.name == plain && i.after == nil {
		// A dependency without words means the run that the command line asks for: one run does a task once.
		e.runs.byIdentity[plain+key] = &i
	}
	e.runs.queue = append(e.runs.queue, &i)
	return &i
}

// heard takes the words of a run apart, once.
func (e *evaluation) heard(c call, combination combination, identity string) *instance {
	if known := e.runs.heard[identity]; known != nil {
		return known
	}
	i := &instance{block: c.block, name: c.block.name, matrix: combination.values, request: c.request, late: c.late, after: c.after}
	e.runs.heard[identity] = i
	e.hear(i, c.request.words, cmp.Or(c.wordsAt, c.at))
	return i
}

// name makes the name of a new run: the plain one where it has no words and follows no other run, or where no other run can
// have it.
func (e *evaluation) name(c call, plain string, special bool, under standing) string {
	name := plain
	switch {
	case special && c.after != nil && c.late == nil:
		if c.block.standsApart() || e.taken(plain) {
			name = fmt.Sprintf("%s(after %s)", plain, c.after.name)
		}
	case special && (!c.asked || c.late != nil || e.taken(plain)):
		name = fmt.Sprintf("%s(%s)", plain, e.wordsText(c))
	}
	if other, taken := e.runs.names[name]; taken && other.key() != under.key() {
		name += under.suffix()
	}
	first := name
	for n := 2; e.taken(name); n++ {
		name = fmt.Sprintf("%s#%d", first, n)
	}
	return name
}

func (e *evaluation) taken(name string) bool {
	_, taken := e.runs.names[name]
	return taken
}

// wordsText shows the words of a call in a run's name. That is in labels and names of files, too, so that secrets among the
// words are masked.
func (e *evaluation) wordsText(c call) string {
	if c.late == nil {
		return e.concealed.secrets().Mask(quoteWords(c.request.words))
	}
	if c.late.args == nil {
		return "…"
	}
	written := e.file.written(c.late.args)
	return strings.TrimSuffix(strings.TrimPrefix(written, "["), "]")
}

// hear takes the words of a run apart, or leaves them open.
func (e *evaluation) hear(i *instance, words []string, at hcl.Range) {
	if i.late != nil {
		i.spoken = openWords(i.block)
		return
	}
	said, mistake := e.say(i, words)
	if mistake != nil {
		e.reportWords(i, mistake, at)
	}
	i.spoken = said
}

// reportWords reports wrong words where they are written, in a file or on the command line.
func (e *evaluation) reportWords(i *instance, mistake *hcl.Diagnostic, at hcl.Range) {
	if at.Filename != "" {
		if mistake.Subject != nil {
			mistake.Detail += fmt.Sprintf(" It stands at %s.", place(*mistake.Subject))
		}
		mistake.Subject = &at
	}
	e.report(mistake)
}

// openWords stand for words that are not known yet.
func openWords(t *taskBlock) spoken {
	s := spoken{args: map[string]cty.Value{}, flags: map[string]cty.Value{}}
	for _, p := range t.args {
		s.args[p.name] = cty.UnknownVal(p.valueType())
	}
	for _, p := range t.flags {
		s.flags[p.name] = cty.UnknownVal(p.valueType())
	}
	return s
}

// standIns show what open words stand for, where their type allows it: nobody runs anything with them.
func standIns(t *taskBlock) spoken {
	s := openWords(t)
	for _, p := range t.args {
		s.args[p.name] = p.standIn("arg")
	}
	for _, p := range t.flags {
		s.flags[p.name] = p.standIn("flag")
	}
	return s
}

func (p *param) standIn(kind string) cty.Value {
	text := cty.StringVal("<" + member(kind, p.name) + ">")
	switch want := p.valueType(); {
	case want == cty.String:
		return text
	case want == cty.Bool:
		return cty.False
	case want == cty.Number:
		return cty.Zero
	case want.Equals(cty.List(cty.String)):
		return cty.ListVal([]cty.Value{text})
	default:
		return cty.NullVal(want)
	}
}

// declares says whether a task says what its words are.
func (t *taskBlock) declares() bool { return len(t.args)+len(t.flags) > 0 }

// say gives the values that words have for a run.
func (e *evaluation) say(i *instance, words []string) (spoken, *hcl.Diagnostic) {
	t := i.block
	said := openWords(t)
	if !t.declares() {
		if len(words) > 0 && words[0] == "--" {
			words = words[1:]
		}
		said.rest = words
	} else if d := e.sayDeclared(i, words, &said); d != nil {
		return said, d
	}
	if len(said.rest) > 0 && !e.file.takesWords(t) {
		return said, e.superfluousWords(t, said.rest)
	}
	return said, nil
}

func (e *evaluation) sayDeclared(i *instance, words []string, said *spoken) *hcl.Diagnostic {
	t := i.block
	wrong := func(err error) *hcl.Diagnostic {
		return complaint(fmt.Sprintf("wrong words for task %q", t.name), "%s\nUsage: %s", wholeSentence(err), t.usageLine())
	}
	r, err := readWords(t, words)
	if err != nil {
		d := wrong(err)
		if len(r.positional) > len(t.args) && e.file.taskNamed(r.positional[len(t.args)]) != nil {
			d.Detail += fmt.Sprintf("\nDid you mean `tasks run %s ::: %s`?", t.name, quoteWords(r.positional[len(t.args):]))
		}
		return d
	}
	said.rest = r.rest
	for _, p := range slices.Concat(t.args, t.flags) {
		v, err := e.paramValue(i, p, r.said[p])
		if err != nil {
			return wrong(err)
		}
		if p.isFlag {
			said.flags[p.name] = v
		} else {
			said.args[p.name] = v
		}
	}
	i.spoken = *said
	return e.validations(i)
}

// paramValue is what was said, else what the environment says, else the default.
func (e *evaluation) paramValue(i *instance, p *param, texts []string) (cty.Value, error) {
	v, err := cty.NilVal, error(nil)
	fromEnv, set := "", false
	if p.env != "" {
		fromEnv, set = e.in.Env(p.env)
	}
	switch {
	case texts != nil:
		v, err = p.read(texts)
	case set:
		if v, err = p.readOne(fromEnv, p.valueType()); err != nil {
			err = fmt.Errorf("%s (from the environment's %s)", err, p.env)
		}
	case p.def != nil:
		return e.paramDefault(i, p), nil
	case p.required():
		return v, fmt.Errorf("%s is missing", p.noun())
	case p.typ == cty.Bool:
		return cty.False, nil
	default:
		return cty.NullVal(p.valueType()), nil
	}
	if err == nil {
		err = p.accepts(v)
	}
	return v, err
}

// paramDefault evaluates a default. What is wrong with it is a mistake of the file.
func (e *evaluation) paramDefault(i *instance, p *param) cty.Value {
	unknown := cty.UnknownVal(p.valueType())
	v, ok := e.scopeOf(&instance{block: i.block, name: i.name, matrix: i.matrix}, Results{}).value(p.def.expression)
	if !ok {
		return unknown
	}
	v, err := convertTo(v, p.valueType())
	if err == nil {
		err = p.accepts(v)
	}
	if err != nil {
		e.report(problem(p.def.expr.Range(), fmt.Sprintf("wrong default of %s", p.noun()), "%s", wholeSentence(err)))
		return unknown
	}
	return v
}

// validations checks what the blocks of a task say of its words. The first that is not met is told.
func (e *evaluation) validations(i *instance) *hcl.Diagnostic {
	s := e.scopeOf(i, Results{})
	for _, p := range slices.Concat(i.block.args, i.block.flags) {
		for _, v := range p.all("validation") {
			if met, message := s.condition(v); !met {
				return complaint(fmt.Sprintf("wrong words for task %q", i.block.name), "%s: %s\nThe condition stands at %s.",
					upperFirst(p.noun()), message, place(v.header))
			}
		}
	}
	return nil
}
