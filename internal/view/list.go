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
	// Default reports a task of a bare `tasks run`.
	Default bool `json:"default,omitempty"`
	// Runs is "host", "service", "job", "image" or "group".
	Runs string `json:"runs"`
	// Service is the literal compose service of the task.
	Service string `json:"service,omitempty"`
	// Job is the job of the compose file that the task runs.
	Job string `json:"job,omitempty"`
	// Args and Flags are the declared parameters.
	Args  []Parameter `json:"args,omitempty"`
	Flags []Parameter `json:"flags,omitempty"`
	// Matrix has the values of each key. A matrix with unknown values is empty.
	Matrix *map[string][]string `json:"matrix,omitempty"`
	// Shards reports the attribute `shards`.
	Shards bool `json:"shards,omitempty"`
	// Watch reports a `watch` block.
	Watch bool `json:"watch,omitempty"`
	// Range is the block's header.
	Range *diagnostics.Range `json:"range"`
}

// NewListDocument makes the document of tasks of a file. in are the inputs for matrices.
func NewListDocument(file *hclspec.File, in hclspec.Inputs, tasks []hclspec.TaskInfo) ListDocument {
	doc := ListDocument{FormatVersion: FormatVersion, Tasks: make([]ListedTask, len(tasks))}
	summaries := map[string]hclspec.TaskSummary{}
	for _, summary := range file.TaskSummaries() {
		summaries[summary.Name] = summary
	}
	for i, t := range tasks {
		summary, usage := summaries[t.Name], file.TaskUsage(t.Name)
		doc.Tasks[i] = ListedTask{
			Name: t.Name, Description: t.Description, Group: t.Group, Aliases: t.Aliases, Hidden: t.Hidden, Job: t.Job,
			Default: t.IsDefault, Runs: summary.Kind.String(), Shards: t.HasShards, Watch: t.HasWatch,
			Service: summary.Service[strings.LastIndex(summary.Service, ":")+1:],
			Args:    parameters(usage.Args), Flags: parameters(usage.Flags),
			Range: diagnostics.NewRange(t.DeclRange),
		}
		if summary.IsJob {
			doc.Tasks[i].Runs, doc.Tasks[i].Service = runsJob, ""
		}
		if matrix := file.Matrix(in, t.Name); matrix != nil {
			doc.Tasks[i].Matrix = &matrix
		}
	}
	return doc
}

// ListStyle is the look of a list.
type ListStyle struct {
	// Color paints names and headings. Width is the number of columns; 0: no limit.
	Color bool
	Width int
}

// PrintTaskList writes tasks with descriptions to stdout, each group below the name of the group.
func PrintTaskList(p *Printer, tasks []hclspec.TaskInfo, style ListStyle) error {
	return p.PrintText(listText(SortedByGroup(tasks), indentedName, style))
}

// PrintNumberedTasks writes tasks to stderr for a choice, numbered from 1 in the given order.
func PrintNumberedTasks(p *Printer, tasks []hclspec.TaskInfo) error {
	_, columns := terminalSize(p.stderr)
	_, err := fmt.Fprint(p.Stderr(), listText(tasks, numberedName(tasks), ListStyle{Width: columns}))
	return err
}

// MatchingTasks returns the tasks with all words in the name, the aliases, the group or the description. Case does not
// matter.
func MatchingTasks(tasks []hclspec.TaskInfo, words []string) []hclspec.TaskInfo {
	return slices.DeleteFunc(slices.Clone(tasks), func(t hclspec.TaskInfo) bool {
		text := strings.ToLower(strings.Join(append([]string{t.Name, t.Group, t.Description}, t.Aliases...), "\n"))
		return slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, strings.ToLower(word)) })
	})
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

// maxNameColumns limits the width of the column of names, as a part of the width of the list.
const maxNameColumns = 0.4

// listText renders ordered tasks. The descriptions start at the same column in all groups.
func listText(ordered []hclspec.TaskInfo, nameOf func(hclspec.TaskInfo) string, style ListStyle) string {
	column := 0
	for _, t := range ordered {
		n := columns(nameOf(t)) + 2
		if style.Width <= 0 || float64(n) <= maxNameColumns*float64(style.Width) {
			column = max(column, n)
		}
	}
	var text strings.Builder
	group := ""
	for _, t := range ordered {
		if t.Group != group {
			group = t.Group
			text.WriteString("\n" + style.paint(bold, plaintext.Escape(group)+":") + "\n")
		}
		name := nameOf(t)
		line := HangingText(name, column, descriptionText(t), style.Width)
		text.WriteString(style.paint(cyan, name) + strings.TrimPrefix(line, name))
	}
	return strings.TrimPrefix(text.String(), "\n")
}

func (s ListStyle) paint(code, text string) string { return paintText(s.Color, code, text) }

// indentedName returns a task's name with the arguments, indented below the name of a group.
func indentedName(t hclspec.TaskInfo) string {
	name := plaintext.Escape(strings.TrimSpace(t.Name + " " + t.ArgsText))
	if t.Group == "" {
		return name
	}
	return "  " + name
}

// numberedName returns a function for a task's name behind a number in the given list.
func numberedName(listed []hclspec.TaskInfo) func(hclspec.TaskInfo) string {
	digits := len(strconv.Itoa(len(listed)))
	return func(t hclspec.TaskInfo) string {
		n := slices.IndexFunc(listed, func(other hclspec.TaskInfo) bool { return other.Name == t.Name })
		return fmt.Sprintf("%*d  %s", digits, n+1, plaintext.Escape(t.Name))
	}
}

// descriptionText returns a task's description with its marks: default, matrix, shards, watch and aliases.
func descriptionText(t hclspec.TaskInfo) string {
	var marks []string
	for mark, isSet := range map[string]bool{"default": t.IsDefault, "matrix": t.HasMatrix, "shards": t.HasShards,
		"watch": t.HasWatch} {
		if isSet {
			marks = append(marks, mark)
		}
	}
	slices.Sort(marks)
	switch len(t.Aliases) {
	case 0:
	case 1:
		marks = append(marks, "alias: "+t.Aliases[0])
	default:
		marks = append(marks, "aliases: "+strings.Join(t.Aliases, ", "))
	}
	if len(marks) == 0 {
		return plaintext.Escape(strings.TrimSpace(t.Description))
	}
	return plaintext.Escape(strings.TrimSpace(strings.TrimSpace(t.Description) + " [" + strings.Join(marks, "; ") + "]"))
}
