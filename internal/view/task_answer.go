package view

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tasks/hclspec"
)

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
