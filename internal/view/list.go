package view

import "tasks/hclspec"

// ListDocument is the document of `tasks list --json`.
type ListDocument struct {
	FormatVersion int `json:"format_version"`
	// Tasks are in the order of the files. It is never nil.
	Tasks []ListedTask `json:"tasks"`
}

// ListedTask is a task as the files declare it.
type ListedTask struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Group       string   `json:"group,omitempty"`
	Aliases     []string `json:"aliases,omitempty"`
	Hidden      bool     `json:"hidden,omitempty"`
	// Range is the block's header.
	Range *hclspec.SourceRange `json:"range"`
}

// NewListDocument makes the document of tasks.
func NewListDocument(tasks []hclspec.TaskInfo) ListDocument {
	doc := ListDocument{FormatVersion: FormatVersion, Tasks: make([]ListedTask, len(tasks))}
	for i, t := range tasks {
		doc.Tasks[i] = ListedTask{
			Name: t.Name, Description: t.Description, Group: t.Group, Aliases: t.Aliases, Hidden: t.Hidden,
			Range: hclspec.SourceRangeOf(t.DeclRange),
		}
	}
	return doc
}
