package view

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tasks/hclspec"
	"tasks/internal/terminal"
)

// TaskChoice is the question for a task.
type TaskChoice struct {
	// All are valid answers. Listed are the tasks of the printed list, with numbers from 1 on.
	All, Listed []hclspec.TaskInfo
	// Preview describes a task.
	Preview func(name string) string
}

// ErrNoChoice is the error of a question without an answer.
var ErrNoChoice = errors.New("no task was chosen")

// Ask asks until an answer names a task. With the keys of a keyboard the list filters while the person types; nil: the
// terminal has no cursor to move.
func (c TaskChoice) Ask(p *Printer, keyboard *terminal.Terminal) (string, error) {
	if keyboard != nil {
		if restore, err := keyboard.MakeKeys(); err == nil {
			defer func() { _ = restore() }()
			return newPicker(p, c).pick()
		}
	}
	if err := PrintNumberedTasks(p, c.Listed); err != nil {
		return "", err
	}
	for {
		p.Prompt("\nWhich task? A number, a name or its beginning: ")
		line, isComplete := ReadAnswer(p)
		if !isComplete {
			p.EndPrompt()
		}
		answer := strings.TrimSpace(line)
		if answer == "" {
			return "", ErrNoChoice
		}
		name, err := ResolveTask(answer, c.All, c.Listed)
		if err == nil {
			return name, nil
		}
		PrintRefusal(p, err)
	}
}

// exact returns the task of a name, an alias, or a number of the list.
func (c TaskChoice) exact(answer string) (string, bool) {
	for _, t := range c.All {
		if slices.Contains(taskNames(t), answer) {
			return t.Name, true
		}
	}
	if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(c.Listed) {
		return c.Listed[n-1].Name, true
	}
	return "", false
}

// taskNames returns the name of a task and its aliases.
func taskNames(t hclspec.TaskInfo) []string { return append([]string{t.Name}, t.Aliases...) }

func hasPrefix(t hclspec.TaskInfo, text string) bool {
	return slices.ContainsFunc(taskNames(t), func(name string) bool { return strings.HasPrefix(name, text) })
}

// AskArguments asks for the required arguments of a task, and returns the words. An empty answer ends the questions.
// getenv reads the variables that arguments may have as a default.
func AskArguments(p *Printer, usage *hclspec.TaskUsage, getenv func(string) string) []string {
	var words []string
	for _, arg := range usage.Args {
		if !arg.IsRequired || arg.Env != "" && getenv(arg.Env) != "" {
			break
		}
		question := strings.ToUpper(arg.Name)
		if arg.Description != "" {
			question += ", " + arg.Description
		}
		if len(arg.Enum) > 0 {
			question += " (" + strings.Join(arg.Enum, ", ") + ")"
		}
		p.Prompt(question + ": ")
		line, isComplete := ReadAnswer(p)
		if !isComplete {
			p.EndPrompt()
		}
		answer := strings.TrimSpace(line)
		switch {
		case answer == "":
			return words
		case arg.IsVariadic:
			words = append(words, strings.Fields(answer)...)
		default:
			words = append(words, answer)
		}
	}
	return words
}

// ResolveTask returns the name of the task of an answer: a name or an alias of all tasks, a number of the list from 1
// on, or the unique beginning of a listed name.
func ResolveTask(answer string, all, listed []hclspec.TaskInfo) (string, error) {
	for _, t := range all {
		if t.Name == answer || slices.Contains(t.Aliases, answer) {
			return t.Name, nil
		}
	}
	if n, err := strconv.Atoi(answer); err == nil {
		if n < 1 || n > len(listed) {
			return "", fmt.Errorf("there is no number %d: they go from 1 to %d", n, len(listed))
		}
		return listed[n-1].Name, nil
	}
	var matches, names []string
	for _, t := range listed {
		taskNames := append([]string{t.Name}, t.Aliases...)
		names = append(names, taskNames...)
		if slices.ContainsFunc(taskNames, func(name string) bool { return strings.HasPrefix(name, answer) }) {
			matches = append(matches, t.Name)
		}
	}
	switch {
	case len(matches) == 1:
		return matches[0], nil
	case len(matches) > 1:
		return "", fmt.Errorf("%q is the beginning of %s: write more of it", answer, strings.Join(matches, ", "))
	}
	hint := hclspec.DidYouMean(answer, names)
	return "", errors.New(strings.TrimSpace(fmt.Sprintf("no task begins with %q.%s", answer, hint)))
}

// ReadAnswer reads up to a newline or the end of stdin, and no byte beyond: the rest may be for a command. isComplete
// reports whether the newline came.
func ReadAnswer(p *Printer) (text string, isComplete bool) {
	var line strings.Builder
	char := make([]byte, 1)
	for {
		if n, err := p.stdin.Read(char); n == 0 || err != nil || char[0] == '\n' {
			return line.String(), n > 0 && err == nil
		}
		line.Write(char)
	}
}
