package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tasks/hclspec"
	"tasks/internal/terminal"
)

// pick asks which task is meant, where nobody has said it and there is somebody to ask: at a terminal. Else it is a mistake.
func (a *app) pick(command string) (string, error) {
	missing := usageError("which task? Write `tasks %s TASK`; `tasks list` shows them", command)
	if !terminal.New(a.stdin, a.stderr).IsTerminal() {
		return "", missing
	}
	ws, diags, err := a.read()
	if err != nil {
		return "", err
	}
	if diags.HasErrors() {
		return "", a.diagnose(ws.file.Files(), diags)
	}
	c := choice{all: ws.file.Tasks(), listed: inOrder(shown(ws.file.Tasks(), false))}
	if len(c.listed) == 0 {
		return "", missing
	}
	var name string
	err = untilSignal(func(context.Context) (err error) {
		name, err = a.ask(c, command)
		return err
	})
	if err == nil {
		return name, nil
	}
	if exit, ok := errors.AsType[*exitError](err); ok && exit.code > codeSignal {
		fmt.Fprintln(a.err()) // the cursor stands behind the question
	}
	return "", err
}

// ask asks until an answer names a task. No answer ends it.
func (a *app) ask(c choice, command string) (string, error) {
	if err := writeList(a.err(), c.listed, numbered(c.listed)); err != nil {
		return "", &exitError{code: codeRunFailed, err: err}
	}
	for {
		fmt.Fprintf(a.err(), "\nWhich task? A number, a name or its beginning: ")
		line, whole := readLine(a.stdin)
		if !whole {
			fmt.Fprintln(a.err())
		}
		answer := strings.TrimSpace(line)
		if answer == "" {
			return "", usageError("no task was chosen. Write `tasks %s TASK`", command)
		}
		name, err := c.find(answer)
		if err == nil {
			return name, nil
		}
		fmt.Fprintf(a.err(), "%s\n", err)
	}
}

// choice are the tasks that may be picked.
type choice struct {
	// all may be named; listed are shown, in this order, and have numbers from 1 on.
	all, listed []hclspec.TaskDecl
}

// find is the task that an answer means: a name or an alias, a number of the list, or what only one of those listed begins
// with.
func (c choice) find(answer string) (string, error) {
	for _, t := range c.all {
		if t.Name == answer || slices.Contains(t.Aliases, answer) {
			return t.Name, nil
		}
	}
	if n, err := strconv.Atoi(answer); err == nil {
		if n < 1 || n > len(c.listed) {
			return "", fmt.Errorf("there is no number %d: they go from 1 to %d", n, len(c.listed))
		}
		return c.listed[n-1].Name, nil
	}
	var begun, names []string
	for _, t := range c.listed {
		own := append([]string{t.Name}, t.Aliases...)
		names = append(names, own...)
		if slices.ContainsFunc(own, func(name string) bool { return strings.HasPrefix(name, answer) }) {
			begun = append(begun, t.Name)
		}
	}
	switch {
	case len(begun) == 1:
		return begun[0], nil
	case len(begun) > 1:
		return "", fmt.Errorf("%q is the beginning of %s: write more of it", answer, strings.Join(begun, ", "))
	}
	return "", errors.New(strings.TrimSpace(fmt.Sprintf("no task begins with %q.%s", answer, hclspec.DidYouMean(answer, names))))
}

// numbered puts numbers before names, in the order of a list.
func numbered(listed []hclspec.TaskDecl) func(hclspec.TaskDecl) string {
	digits := len(strconv.Itoa(len(listed)))
	return func(t hclspec.TaskDecl) string {
		n := slices.IndexFunc(listed, func(other hclspec.TaskDecl) bool { return other.Name == t.Name })
		return fmt.Sprintf("%*d  %s", digits, n+1, t.Name)
	}
}
