package hclspec

import (
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// Watch is the `watch` block of a task.
type Watch struct {
	// Paths and Ignore are globs with `**`, relative to the task's Dir. Without Paths, the task's Inputs are
	// watched, else the bind mounts and build contexts of its service.
	Paths, Ignore []string
	// Graph adds the inputs of the dependency tasks. Without the attribute, only a group has it.
	Graph bool
	// Debounce is the quiet time at the end of a batch of changes.
	Debounce time.Duration
	// OnBusy is the reaction to a change during a run.
	OnBusy BusyPolicy
	// SkipInitial waits for a change before the first run.
	SkipInitial bool
	// Clear clears the terminal before each rerun.
	Clear bool
	// Poll reads the directories again and again, for file systems without events.
	Poll  bool
	Range hcl.Range
}

// BusyPolicy is the on_busy of a `watch` block.
type BusyPolicy string

// The policies for a change during a run.
const (
	// BusyRestart stops the command, and starts a new run.
	BusyRestart BusyPolicy = "restart"
	// BusyQueue starts a new run after the end of the command.
	BusyQueue BusyPolicy = "queue"
	// BusyIgnore drops the change.
	BusyIgnore BusyPolicy = "ignore"
)

// defaultDebounce is the quiet time at the end of a batch of changes; docs/adr/0013-debounce.md has the measurement.
const defaultDebounce = 50 * time.Millisecond

// WatchOrDefault returns the `watch` block of a task, or the defaults for a task without a block.
func (t *Task) WatchOrDefault() Watch {
	if t.Watch != nil {
		return *t.Watch
	}
	return Watch{Debounce: defaultDebounce, OnBusy: BusyRestart, Graph: t.Kind == GroupTask, Range: t.DeclRange}
}

// evaluateWatch evaluates the `watch` block of a task. Its globs start at the task's directory.
func evaluateWatch(s *scope, n *config.Block, task *Task) *Watch {
	if n == nil {
		return nil
	}
	w := task.WatchOrDefault()
	w.Range = n.HeaderRange
	for _, a := range n.SortedAttrs() {
		v, ok := s.value(a.Expression)
		if !ok || v.IsNull() {
			continue
		}
		if !v.IsWhollyKnown() {
			s.reportDeferred(a)
			continue
		}
		if err := w.set(a, v, task); err != nil {
			s.reportWrongValue(a, err)
		}
	}
	return &w
}

func (w *Watch) set(a *config.Attribute, v cty.Value, task *Task) (err error) {
	switch a.Name {
	case "paths":
		w.Paths, err = asGlobs(v)
		w.Paths = ctyconv.RebaseGlobs(a.Dir, task.Dir, w.Paths)
		recordGlobRanges(task, a, watchPaths, w.Paths)
	case "ignore":
		w.Ignore, err = asGlobs(v)
		w.Ignore = ctyconv.RebaseGlobs(a.Dir, task.Dir, w.Ignore)
		recordGlobRanges(task, a, watchIgnore, w.Ignore)
	case "debounce":
		w.Debounce, err = ctyconv.AsDuration(v)
	case "on_busy":
		w.OnBusy, err = asBusyPolicy(v)
	case "graph":
		w.Graph, err = ctyconv.AsBool(v)
	case "initial":
		var isInitial bool
		isInitial, err = ctyconv.AsBool(v)
		w.SkipInitial = !isInitial
	case "clear":
		w.Clear, err = ctyconv.AsBool(v)
	case "poll":
		w.Poll, err = ctyconv.AsBool(v)
	}
	return err
}

// watchPaths and watchIgnore are the names of the globs for [Task.ElementRange].
const watchPaths, watchIgnore = "watch.paths", "watch.ignore"

// recordGlobRanges keeps the places of globs.
func recordGlobRanges(task *Task, a *config.Attribute, name string, globs []string) {
	task.Ranges[name] = a.Expr.Range()
	list, isList := a.Expr.(*hclsyntax.TupleConsExpr)
	for i, glob := range globs {
		if isList && len(list.Exprs) == len(globs) {
			task.Ranges[ElementRangeKey(name, glob)] = list.Exprs[i].Range()
		}
	}
}

// WatchPathRange returns the place of a glob in the paths of the `watch` block.
func (t *Task) WatchPathRange(glob string) hcl.Range { return t.ElementRange(watchPaths, glob) }

// WatchIgnoreRange returns the place of a glob in the ignore of the `watch` block.
func (t *Task) WatchIgnoreRange(glob string) hcl.Range { return t.ElementRange(watchIgnore, glob) }

func asBusyPolicy(v cty.Value) (BusyPolicy, error) {
	text, err := ctyconv.AsText(v)
	if err != nil {
		return "", err
	}
	policies := []string{string(BusyRestart), string(BusyQueue), string(BusyIgnore)}
	if !slices.Contains(policies, text) {
		return "", diag.Errorf("%q is no reaction to a change during a run: there are %s.%s", text,
			strings.Join(policies, ", "), diag.DidYouMean(text, policies))
	}
	return BusyPolicy(text), nil
}
