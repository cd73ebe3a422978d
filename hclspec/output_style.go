package hclspec

import (
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
)

func setOutputStyle(d *taskDraft, v cty.Value) error {
	text, err := ctyconv.AsText(v)
	if err == nil {
		d.task.OutputStyle, err = ParseOutputStyle(text)
	}
	return err
}

// outputStyleConflict names the attribute with which a task's output cannot be shown in another way than as it comes; empty: there is
// none.
func outputStyleConflict(t *Task) string {
	switch {
	case t.Detach:
		return "detach"
	case t.TTY == TTYAlways && t.OutputStyle != config.StyleStream:
		return "tty"
	}
	return ""
}
