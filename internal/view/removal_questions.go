package view

import (
	"fmt"
	"strings"

	"tasks/internal/plaintext"
	"tasks/planner"
	"tasks/planner/observed"
)

// RemovalQuestions are the questions of `tasks down`: about resources in use, and about data. inUse are resources with
// a lease of another process.
func RemovalQuestions(t planner.Teardown, inUse []string) []string {
	all := make([]string, 0, len(t.InUse)+len(t.Volumes))
	for _, c := range t.InUse {
		all = append(all, containerQuestion(c))
	}
	if len(inUse) > 0 {
		all = append(all, "a run under way uses "+strings.Join(inUse, ", ")+": remove it all the same?")
	}
	for _, p := range t.PrivateProjects {
		question := fmt.Sprintf("private project %s belongs to a run%s: remove it?", p.Name, processText(p.Owner))
		all = append(all, question)
	}
	for _, v := range t.Volumes {
		if v.Labels[observed.LabelOriginal] != "" {
			continue // part of the private project
		}
		all = append(all, fmt.Sprintf("volume %s holds data: remove it?", v.Name))
	}
	for i, question := range all {
		all[i] = plaintext.Escape(question)
	}
	return all
}

// ConfirmQuestion is the question of a task before the run.
func ConfirmQuestion(task, question string) string {
	return fmt.Sprintf("task %s: %s", plaintext.Escape(task), question)
}

func containerQuestion(c *observed.Container) string {
	switch {
	case observed.IsTransient(c.Labels):
		return fmt.Sprintf("container %s is transient and may still be in use. Remove it anyway?", c.Name)
	case c.State.IsCreated():
		return fmt.Sprintf("one-off %s (%s) is about to be started: remove it?", c.Name, ownerText(c))
	}
	return fmt.Sprintf("one-off %s (%s) is %s: remove it?", c.Name, ownerText(c), c.State)
}
