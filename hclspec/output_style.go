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

// outputStyleConflict names the attribute that excludes an output style, or returns "".
func outputStyleConflict(t *Task) string {
	switch {
	case t.Detach:
		return "detach"
	case t.TTY == TTYAlways && t.OutputStyle != config.StyleStream:
		return "tty"
	}
	return ""
}
