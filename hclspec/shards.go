package hclspec

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/funcs"
	"tasks/hclspec/internal/shards"
)

// Shard is the place of a task run among the shards of its task. Index counts from 1. The zero value belongs to a task
// without shards. In a [Target], an Index of 0 stands for all shards.
type Shard struct{ Index, Count int }

// String is the shard in names: "3/8".
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Count) }

// SetCount sets the number of shards from the text of --shards.
func (s *Shard) SetCount(text string) error {
	count, err := strconv.Atoi(text)
	if err != nil || count < 1 || count > shards.MaxCount {
		return fmt.Errorf("write a number from 1 to %d", shards.MaxCount)
	}
	return s.setOnce(Shard{Count: count})
}

// SetOne sets a single shard from the text of --shard.
func (s *Shard) SetOne(text string) error {
	before, after, _ := strings.Cut(text, "/")
	index, indexErr := strconv.Atoi(before)
	count, countErr := strconv.Atoi(after)
	if cmp.Or(indexErr, countErr) != nil || index < 1 || index > count || count > shards.MaxCount {
		return fmt.Errorf("write the shard and the number of shards, as in 3/8, with at most %d shards", shards.MaxCount)
	}
	return s.setOnce(Shard{Index: index, Count: count})
}

func (s *Shard) setOnce(next Shard) error {
	if s.Count > 0 && (s.Index > 0) != (next.Index > 0) {
		return fmt.Errorf("--shard has the number of shards too: leave --shards out")
	}
	*s = next
	return nil
}

// env is the environment that each shard has.
func (s Shard) env() map[string]*string {
	if s.Count == 0 {
		return nil
	}
	index, count := strconv.Itoa(s.Index), strconv.Itoa(s.Count)
	return map[string]*string{"TASKS_SHARD_INDEX": &index, "TASKS_SHARD_COUNT": &count}
}

// requestShards keeps the shards that the command line asks for. They hold for the task in the whole run.
func requestShards(e *evaluation, t *config.Task, request Shard) {
	if request.Count == 0 {
		return
	}
	if a, _ := config.TaskBlockType().AttributeNamed("shards"); !slices.Contains(a.Kinds, t.Kind) {
		e.report(diag.Error(fmt.Sprintf("--%s cannot act on %s task %q", request.flag(), t.Kind, t.Name),
			"It acts on %s. Name the tasks with the commands.", config.KindList(a.Kinds)))
		return
	}
	e.shardRequests[t] = request
}

// flag is the name of the flag for a request.
func (s Shard) flag() string {
	if s.Index > 0 {
		return "shard"
	}
	return "shards"
}

// shardsOf returns the shards of a task in a matrix cell. A task without shards has the zero value once.
func shardsOf(e *evaluation, t *config.Task, cell combination) []Shard {
	request, isRequested := e.shardRequests[t]
	switch {
	case request.Index > 0:
		return []Shard{request}
	case !isRequested:
		count, ok := shardCount(e, t, cell)
		if !ok {
			return nil
		}
		request.Count = count
	}
	if request.Count == 0 {
		return []Shard{{}}
	}
	all := make([]Shard, request.Count)
	for i := range all {
		all[i] = Shard{Index: i + 1, Count: request.Count}
	}
	return all
}

// shardCount evaluates the number of shards of a task in a matrix cell; 0: the task has no shards.
func shardCount(e *evaluation, t *config.Task, cell combination) (count int, ok bool) {
	a := t.Attrs["shards"]
	if a == nil || t.IsOnlyInherited(a) {
		return 0, true
	}
	v, ok := e.scopeOf(&taskRun{block: t, name: t.Name, matrix: cell.values}, RunResults{}).nameValue(a)
	if !ok || v.IsNull() {
		return 0, ok
	}
	count, err := ctyconv.AsCountUpTo(v, shards.MaxCount)
	if err != nil {
		e.report(config.WrongValueError(a, err))
		return 0, false
	}
	return count, true
}

// shardPolicy is the policy of a run with shards: a private project for each. The task's own policy comes before, and
// so does a caller that starts nothing.
func shardPolicy(e *evaluation, run *taskRun, inherited effectivePolicy) (effectivePolicy, bool) {
	if run.shard.Count == 0 || inherited.value == PolicyExternal {
		return effectivePolicy{}, false
	}
	policy := effectivePolicy{value: PolicyEphemeral, source: "shards"}
	if request, isRequested := e.shardRequests[run.block]; isRequested {
		policy.source = "--" + request.flag()
	} else {
		policy.declaredAt = run.block.Attrs["shards"].Expr.Range()
	}
	return policy, true
}

// shardMember returns a member of shard. A task without shards is the only shard.
func (s *scope) shardMember(ref config.Reference) (cty.Value, bool) {
	if s.run.block == nil {
		s.report(diag.ErrorAt(ref.Range, fmt.Sprintf("%s has no value here", ref), "Only a task has shards."))
		return cty.NilVal, false
	}
	switch shard := s.run.shard; {
	case ref.Name == config.ShardItems:
		return s.shardItems()
	case shard.Count == 0:
		return cty.NumberIntVal(1), true
	case ref.Name == "index":
		return cty.NumberIntVal(int64(shard.Index)), true
	default:
		return cty.NumberIntVal(int64(shard.Count)), true
	}
}

// shardItems returns the items of the run's shard: unknown before the run of a task that makes the list.
func (s *scope) shardItems() (cty.Value, bool) {
	a := s.run.block.Attrs["shard_items"]
	if a == nil {
		return cty.ListValEmpty(cty.String), true // of a base: the tasks that extend it have items
	}
	timings, ok := s.shardTimings() // before the run, for all shards alike
	v, isKnown := s.markedValue(a.Expression)
	if !ok || !isKnown {
		return cty.NilVal, false
	}
	if !v.IsWhollyKnown() {
		return cty.UnknownVal(cty.List(cty.String)).RefineNotNull(), true
	}
	plain, marks := v.UnmarkDeep()
	items, err := asShardItems(plain)
	if err != nil {
		s.reportWrongValue(a, err)
		return cty.NilVal, false
	}
	if shard := s.run.shard; shard.Count > 0 {
		items = timings.Split(items, shard.Count)[shard.Index-1]
	}
	return ctyconv.TextList(items).WithMarks(marks), true
}

// asShardItems returns the items of a list, or the lines of a text, each once.
func asShardItems(v cty.Value) ([]string, error) {
	if v.IsNull() || v.Type() != cty.String && !ctyconv.IsSequence(v.Type()) {
		return nil, ctyconv.WrongTypeError("a list of strings, or a string with a line for each item", v)
	}
	var all []string
	if v.Type() == cty.String {
		all = strings.FieldsFunc(v.AsString(), func(r rune) bool { return r == '\n' || r == '\r' })
	} else {
		var err error
		if all, err = ctyconv.AsList(v); err != nil {
			return nil, err
		}
	}
	var items []string
	seen := map[string]bool{}
	for _, item := range all {
		if item != "" && !seen[item] {
			seen[item] = true
			items = append(items, item)
		}
	}
	return items, nil
}

func setShardItems(d *taskDraft, v cty.Value) error {
	_, err := asShardItems(v)
	return err
}

// shardTimings reads the JUnit files of the task once. A file that cannot be read is a warning: its times do not count.
func (s *scope) shardTimings() (*shards.Timings, bool) {
	timings, a := &shards.Timings{}, s.run.block.Attrs["shard_timings"]
	if a == nil {
		return timings, true
	}
	v, ok := s.value(a.Expression)
	if !ok || !v.IsWhollyKnown() || v.IsNull() {
		return timings, ok
	}
	globs, err := ctyconv.AsList(v)
	key := a.Dir + "\x00" + strings.Join(globs, "\x00")
	if known := s.timings[key]; known != nil && err == nil {
		return known, true
	}
	for _, glob := range globs {
		err = cmp.Or(err, funcs.ReadMatching(s.in.forFunctions(a.Dir, s.secretSet), glob, func(name string, file io.Reader) {
			if err := timings.Add(file); err != nil {
				s.report(diag.WarningAt(a.Expr.Range(), name+" is no JUnit file", "%s. Its times do not count.",
					diag.UpperFirst(err.Error())))
			}
		}))
	}
	if err != nil {
		s.reportWrongValue(a, err)
		return nil, false
	}
	s.timings[key] = timings
	return timings, true
}

// idleShardReason says why a shard has nothing to do; empty: the shard has items, or the task divides nothing.
func (s *scope) idleShardReason() string {
	a := s.run.block.Attrs["shard_items"]
	if a == nil || s.run.shard.Count == 0 || s.run.block.IsOnlyInherited(a) ||
		len(s.results.Tasks) == 0 && isRunTime(s.file, a) {
		return ""
	}
	items, ok := s.shardItems()
	if plain, _ := items.Unmark(); !ok || !plain.IsKnown() || plain.LengthInt() > 0 {
		return ""
	}
	return fmt.Sprintf("shard_items has no item for shard %s (%s)", s.run.shard, diag.PosText(a.Expr.Range()))
}

// isRunTime reports whether an attribute needs results of other tasks.
func isRunTime(f *config.File, a *config.Attribute) bool {
	for use := range f.ReachableReferences(a.Refs) {
		if use.Ref.IsRunTime() {
			return true
		}
	}
	return false
}
