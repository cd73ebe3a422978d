package main

import (
	"context"
	"errors"

	"tasks/internal/interrupt"
	"tasks/internal/terminal"
	"tasks/internal/view"
	"tasks/internal/workspace"
)

// pickTask asks a person at a terminal for a task and its required arguments. Without a terminal, pickTask returns a
// usage error.
func pickTask(a *app, command string) ([]string, error) {
	missing := usageError("which task? Write `tasks %s TASK`; `tasks list` shows them", command)
	if !a.printer.CanAsk() {
		return nil, missing
	}
	ws, diags, err := workspace.Open(a.config())
	if err != nil {
		return nil, err
	}
	if diags.HasErrors() {
		return nil, a.report(ws, diags, nil)
	}
	c := view.TaskChoice{
		All: ws.File.Tasks(), Listed: view.SortedByGroup(visibleTasks(ws.File.Tasks(), false)), Preview: ws.File.HelpText,
	}
	if len(c.Listed) == 0 {
		return nil, missing
	}
	var call []string
	var keyboard *terminal.Terminal
	if a.hasTerminalOutput() {
		keyboard = a.printer.Terminal()
		defer keyboard.Restore() // after a signal the question still waits for keys
	}
	err = a.runUntilSignal(func(context.Context) error {
		name, err := c.Ask(a.printer, keyboard)
		if call = []string{name}; err == nil && command != "show" {
			call = append(call, view.AskArguments(a.printer, ws.File.TaskUsage(name), a.env.Getenv)...)
		}
		return err
	})
	switch {
	case err == nil:
		return call, nil
	case errors.Is(err, view.ErrNoChoice):
		return nil, usageError("no task was chosen. Write `tasks %s TASK`", command)
	}
	if _, ok := errors.AsType[*interrupt.Error](err); ok {
		view.EndList(a.printer) // the cursor is still behind the question
	}
	return nil, err
}
