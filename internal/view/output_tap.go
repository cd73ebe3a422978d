package view

import (
	"io"

	"tasks/hclspec"
)

// OutputTap hears the masked output of a task's command. It is called from several goroutines.
type OutputTap = func(task string, toErr bool, text []byte)

// SetTap sets the listener for the output of commands. A command at a terminal has no listener: its output is for
// eyes.
func (c *Output) SetTap(tap OutputTap) { c.tap = tap }

// tapped returns a writer that passes the text on to the tap, too. w gets the text first.
func (c *Output) tapped(task *hclspec.Task, toErr bool, w io.Writer) io.Writer {
	if c.tap == nil || c.TerminalOf(task) != nil || task.Detach {
		return w
	}
	return tapWriter{w: w, tap: func(text []byte) { c.tap(task.Name, toErr, text) }}
}

type tapWriter struct {
	w   io.Writer
	tap func(text []byte)
}

func (t tapWriter) Write(text []byte) (int, error) {
	n, err := t.w.Write(text)
	t.tap(text)
	return n, err
}
