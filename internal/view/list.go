package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tasks/hclspec"
	"tasks/internal/plaintext"
	"tasks/internal/view/diagnostics"
)

// ListDocument is the document of `tasks list --json`.
type ListDocument struct {
	FormatVersion int `json:"format_version"`
	// Tasks are in the order of the files. The list is never nil.
	Tasks []ListedTask `json:"tasks"`
}

// ListedTask is a declared task.
type ListedTask struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Group       string   `json:"group,omitempty"`
	Aliases     []string `json:"aliases,omitempty"`
	Hidden      bool     `json:"hidden,omitempty"`
	// Job is the job of the compose file that the task runs.
	Job string `json:"job,omitempty"`
	// Range is the block's header.
	Range *diagnostics.Range `json:"range"`
}

// NewListDocument makes the document of tasks.
func NewListDocument(tasks []hclspec.TaskInfo) ListDocument {
	doc := ListDocument{FormatVersion: FormatVersion, Tasks: make([]ListedTask, len(tasks))}
	for i, t := range tasks {
		doc.Tasks[i] = ListedTask{
			Name: t.Name, Description: t.Description, Group: t.Group, Aliases: t.Aliases, Hidden: t.Hidden, Job: t.Job,
			Range: diagnostics.NewRange(t.DeclRange),
		}
	}
	return doc
}

// PrintTaskList writes tasks with descriptions to stdout, each group below the name of the group.
func PrintTaskList(p *Printer, tasks []hclspec.TaskInfo) error {
	return p.PrintText(listText(SortedByGroup(tasks), indentedName))
}

// PrintNumberedTasks writes tasks to stderr for a choice, numbered from 1 in the given order.
func PrintNumberedTasks(p *Printer, tasks []hclspec.TaskInfo) error {
	_, err := fmt.Fprint(p.Stderr(), listText(tasks, numberedName(tasks)))
	return err
}

// SortedByGroup returns tasks in the order of a list: tasks without a group first, then group by group as in the file.
func SortedByGroup(tasks []hclspec.TaskInfo) []hclspec.TaskInfo {
	groups := []string{""}
	for _, t := range tasks {
		if !slices.Contains(groups, t.Group) {
			groups = append(groups, t.Group)
		}
	}
	ordered := slices.Clone(tasks)
	slices.SortStableFunc(ordered, func(x, y hclspec.TaskInfo) int {
		return slices.Index(groups, x.Group) - slices.Index(groups, y.Group)
	})
	return ordered
}

// listText renders ordered tasks. The descriptions start at the same column in all groups.
func listText(ordered []hclspec.TaskInfo, nameOf func(hclspec.TaskInfo) string) string {
	width := 0
	for _, t := range ordered {
		width = max(width, columns(nameOf(t)))
	}
	var text strings.Builder
	group := ""
	for _, t := range ordered {
		if t.Group != group {
			group = t.Group
			text.WriteString("\n" + plaintext.Escape(group) + ":\n")
		}
		text.WriteString(strings.TrimRight(padTo(nameOf(t), width)+"  "+descriptionText(t), " ") + "\n")
	}
	return strings.TrimPrefix(text.String(), "\n")
}

// indentedName returns a task's name, indented below the name of a group.
func indentedName(t hclspec.TaskInfo) string {
	if t.Group == "" {
		return plaintext.Escape(t.Name)
	}
	return "  " + plaintext.Escape(t.Name)
}

// numberedName returns a function for a task's name behind a number in the given list.
func numberedName(listed []hclspec.TaskInfo) func(hclspec.TaskInfo) string {
	digits := len(strconv.Itoa(len(listed)))
	return func(t hclspec.TaskInfo) string {
		n := slices.IndexFunc(listed, func(other hclspec.TaskInfo) bool { return other.Name == t.Name })
		return fmt.Sprintf("%*d  %s", digits, n+1, plaintext.Escape(t.Name))
	}
}

// descriptionText returns a task's description with the aliases.
func descriptionText(t hclspec.TaskInfo) string {
	description := plaintext.Escape(strings.TrimSpace(t.Description))
	if len(t.Aliases) == 0 {
		return description
	}
	noun := "alias"
	if len(t.Aliases) > 1 {
		noun = "aliases"
	}
	aliases := plaintext.Escape(strings.Join(t.Aliases, ", "))
	return strings.TrimSpace(fmt.Sprintf("%s [%s: %s]", description, noun, aliases))
}
