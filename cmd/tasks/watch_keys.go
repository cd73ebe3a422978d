package main

import (
	"tasks/executor/watch"
	"tasks/internal/terminal"
)

// openKeys reads the keys of a person at a terminal: r for a rerun, p for a pause, q for the end. Without a terminal
// there are no keys.
func (w *watchSession) openKeys(quit func()) (controls <-chan watch.Control, closeKeys func()) {
	none := func() {}
	if !w.app.printer.CanAsk() {
		return nil, none
	}
	t := terminal.New(w.app.stdin, w.app.stdin)
	restore, err := t.MakeKeys()
	if err != nil {
		return nil, none // a terminal without such a mode: signals still work
	}
	reader, err := t.Reader()
	if err != nil {
		_ = restore()
		return nil, none
	}
	w.hasKeys = true
	w.signals.BeforeForcedEnd(func() { _ = restore() })
	wishes, closing, ended := make(chan watch.Control), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		watch.ReadKeys(reader, wishes, closing, quit)
	}()
	return wishes, func() {
		close(closing)
		reader.Cancel()
		<-ended
		_ = reader.Close()
		if err := restore(); err != nil {
			w.app.printError(err)
		}
	}
}
