package hclspec

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// maxCombinations limits the combinations of a matrix (docs/language.md). Each combination is a task run.
const maxCombinations = 10_000

// combination is a cell of a matrix: a value for each key. The zero value belongs to a task without a matrix.
type combination struct {
	// text is the cell in names, with sorted keys: db=16,python=3.12.
	text   string
	values map[string]cty.Value
	// shard is the shard of the cell.
	shard Shard
}

// MatrixSuffixes returns the suffixes for the runs of a task with a matrix, "@db=16,python=3.12". Without a
// matrix, or with unknown values, there are none. No compose project is loaded.
func (f *File) MatrixSuffixes(in Inputs, name string) []string {
	t := f.config.FindTask(config.DeclaredName(name))
	if t == nil || t.Attrs["matrix"] == nil {
		return nil
	}
	all, _ := newEvaluation(f.config, in).evaluateMatrix(t)
	var names []string
	for _, c := range all {
		names = append(names, "@"+c.text)
	}
	return names
}

// Matrix returns the values of each key of a task's matrix, as texts. The map is nil without a matrix, and empty with
// unknown values. No compose project is loaded.
func (f *File) Matrix(in Inputs, name string) map[string][]string {
	t := f.config.FindTask(config.DeclaredName(name))
	if t == nil || t.Attrs["matrix"] == nil {
		return nil
	}
	values := map[string][]string{}
	all, _ := newEvaluation(f.config, in).evaluateMatrix(t)
	if len(all) > 0 {
		for key := range all[0].values { // all have the same keys
			values[key] = matrixValueTexts(all, key)
		}
	}
	return values
}

// combinations returns the matrix cells of an invocation.
func (e *evaluation) combinations(c invocation) []combination {
	if c.block.Attrs["matrix"] == nil {
		if c.combination != "" {
			e.reportAtRange(c.sourceRange, fmt.Sprintf("task %q has no matrix", c.block.Name),
				"There is only one of it: leave out @%s.", c.combination)
			return nil
		}
		return []combination{{}}
	}
	all, ok := e.evaluateMatrix(c.block)
	if !ok || c.combination == "" {
		return all
	}
	one, err := findCombination(all, c.combination)
	if err != nil {
		e.reportAtRange(c.sourceRange, fmt.Sprintf("task %q has no such run", c.block.Name), "%s", diag.SentenceOf(err))
		return nil
	}
	return []combination{one}
}

// reportAtRange reports a mistake in a file. With an empty range, the mistake is on the command line.
func (e *evaluation) reportAtRange(at hcl.Range, summary, detail string, args ...any) {
	d := diag.Error(summary, detail, args...)
	if at.Filename != "" {
		d.Subject = &at
	}
	e.report(d)
}

// evaluateMatrix evaluates the matrix of a task, once.
func (e *evaluation) evaluateMatrix(t *config.Task) ([]combination, bool) {
	if known, asked := e.matrices[t]; asked {
		return known, known != nil
	}
	e.matrices[t] = nil
	a := t.Attrs["matrix"]
	v, ok := e.scopeOf(&taskRun{block: t, name: t.Name}, RunResults{}).nameValue(a)
	if !ok {
		return nil, false
	}
	all, err := matrixCombinations(v)
	if err != nil {
		e.report(config.WrongValueError(a, err))
		return nil, false
	}
	e.matrices[t] = all
	return all, true
}

// matrixCombinations returns all cells for a map of lists. The values of the last key change fastest.
func matrixCombinations(v cty.Value) ([]combination, error) {
	if v.IsNull() || !ctyconv.IsMapping(v.Type()) {
		return nil, ctyconv.WrongTypeError("a map of lists", v)
	}
	lists := v.AsValueMap()
	if len(lists) == 0 {
		return nil, errors.New("it has no keys: write { db = [\"15\", \"16\"] }")
	}
	keys := slices.Sorted(maps.Keys(lists))
	values := map[string][]cty.Value{}
	count := big.NewInt(1)
	for _, key := range keys {
		var err error
		if values[key], err = matrixValues(lists[key]); err != nil {
			return nil, ctyconv.WithPathStep(cty.StringVal(key), err)
		}
		count.Mul(count, big.NewInt(int64(len(values[key]))))
	}
	if count.Cmp(big.NewInt(maxCombinations)) > 0 { // before any combination takes memory
		return nil, fmt.Errorf("it has %s combinations, more than %d: leave out values, or give the values as an `arg`",
			count, maxCombinations)
	}
	all := []combination{{values: map[string]cty.Value{}}}
	for _, key := range keys {
		var longer []combination
		for _, c := range all {
			for _, value := range values[key] {
				longer = append(longer, c.withValue(key, value))
			}
		}
		all = longer
	}
	return all, nil
}

func (c combination) withValue(key string, value cty.Value) combination {
	text, _ := ctyconv.AsText(value)
	longer := combination{text: c.text, values: maps.Clone(c.values)}
	if longer.text != "" {
		longer.text += ","
	}
	longer.text += key + "=" + text
	longer.values[key] = value
	return longer
}

// matrixValues returns the values of a key, each once. A number with a fraction is an error, because 3.10 and 3.1
// are the same number.
func matrixValues(list cty.Value) ([]cty.Value, error) {
	if list.IsNull() || !ctyconv.IsSequence(list.Type()) {
		return nil, ctyconv.WrongTypeError("a list", list)
	}
	var values []cty.Value
	seen := map[string]bool{}
	for it := list.ElementIterator(); it.Next(); {
		key, v := it.Element()
		text, err := ctyconv.AsText(v)
		if err != nil {
			return nil, ctyconv.WithPathStep(key, err)
		}
		if v.Type() == cty.Number && !v.AsBigFloat().IsInt() {
			return nil, ctyconv.WithPathStep(key,
				fmt.Errorf("%s is a number with a fraction, whose zeros at the end are lost (3.10 is 3.1): quote it", text))
		}
		if seen[text] {
			return nil, ctyconv.WithPathStep(key, fmt.Errorf("%q is there twice", text))
		}
		seen[text] = true
		values = append(values, v)
	}
	if len(values) == 0 {
		return nil, errors.New("it is an empty list, so that there would be no run at all")
	}
	return values, nil
}

// findCombination returns the cell for a text, with keys in any order.
func findCombination(all []combination, text string) (combination, error) {
	for _, c := range all {
		if c.text == text {
			return c, nil
		}
	}
	wanted := map[string]string{}
	keys := slices.Sorted(maps.Keys(all[0].values))
	for part := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(part, "=")
		if !slices.Contains(keys, key) {
			return combination{}, diag.Errorf("the matrix has no key %q; its keys are %s.%s", key, listText(keys),
				diag.DidYouMean(key, keys))
		}
		wanted[key] = value
	}
	matching := all
	for _, key := range keys {
		value, given := wanted[key]
		known := matrixValueTexts(all, key)
		switch {
		case !given:
			return combination{}, fmt.Errorf("there is no value of %s in %q: a run is named by all keys, as in %q", key, text,
				all[0].text)
		case !slices.Contains(known, value):
			return combination{}, diag.Errorf("the matrix has no %s = %s; its values are %s.%s",
				key, value, listText(known), diag.DidYouMean(value, known))
		}
		matching = slices.DeleteFunc(slices.Clone(matching), func(c combination) bool {
			has, _ := ctyconv.AsText(c.values[key])
			return has != value
		})
	}
	return matching[0], nil
}

// listText is "15, 16 and 17".
func listText(all []string) string {
	last := len(all) - 1
	if last < 1 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:last], ", ") + " and " + all[last]
}

func matrixValueTexts(all []combination, key string) []string {
	var values []string
	isListed := map[string]bool{}
	for _, c := range all {
		if text, _ := ctyconv.AsText(c.values[key]); !isListed[text] {
			isListed[text] = true
			values = append(values, text)
		}
	}
	return values
}
