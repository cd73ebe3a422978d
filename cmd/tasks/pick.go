package main

import (
	"context"
	"errors"
	"strings"

	"tasks/hclspec"
	"tasks/internal/interrupt"
	"tasks/internal/view"
	"tasks/internal/workspace"
)

// pickTask asks a person at a terminal for a task. Without a terminal, pickTask returns a usage error.
func pickTask(a *app, command string) (string, error) {
	missing := usageError("which task? Write `tasks %s TASK`; `tasks list` shows them", command)
	if !a.printer.CanAsk() {
		return "", missing
	}
	ws, diags, err := workspace.Open(a.config())
	if err != nil {
		return "", err
	}
	if diags.HasErrors() {
		return "", a.report(ws, diags, nil)
	}
	c := taskChoice{all: ws.File.Tasks(), listed: view.SortedByGroup(visibleTasks(ws.File.Tasks(), false))}
	if len(c.listed) == 0 {
		return "", missing
	}
	var name string
	err = a.runUntilSignal(func(context.Context) (err error) {
		name, err = c.ask(a, command)
		return err
	})
	if err == nil {
		return name, nil
	}
	if _, ok := errors.AsType[*interrupt.Error](err); ok {
		a.printer.EndPrompt() // the cursor is still behind the question
	}
	return "", err
}

// taskChoice holds the tasks of a question.
type taskChoice struct {
	// all are valid answers. listed are the tasks of the printed list, with numbers from 1 on.
	all, listed []hclspec.TaskInfo
}

// ask asks until an answer names a task. An empty answer is a usage error.
func (c taskChoice) ask(a *app, command string) (string, error) {
	if err := view.PrintNumberedTasks(a.printer, c.listed); err != nil {
		return "", runFailed(err)
	}
	for {
		a.printer.Prompt("\nWhich task? A number, a name or its beginning: ")
		line, isComplete := readLine(a.stdin)
		if !isComplete {
			a.printer.EndPrompt()
		}
		answer := strings.TrimSpace(line)
		if answer == "" {
			return "", usageError("no task was chosen. Write `tasks %s TASK`", command)
		}
		name, err := view.ResolveTask(answer, c.all, c.listed)
		if err == nil {
			return name, nil
		}
		view.PrintRefusal(a.printer, err)
	}
}
