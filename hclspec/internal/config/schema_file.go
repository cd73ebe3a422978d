package config

import "slices"

// tasksBlockType has the settings of the files.
func tasksBlockType() *BlockType {
	return &BlockType{
		Name: "tasks", IsSingle: true,
		Doc: "what holds for all of the project's files",
		Attrs: []AttributeType{
			{Name: "required_version", TypeText: "literal string", IsStatic: true,
				Doc: "the versions of `tasks` that understand the file, checked before anything else", Example: `">= 1.2, < 2"`},
			{Name: "default", TypeText: "reference, or list of references", IsStatic: true,
				Doc: "the task of a bare `tasks run`", Example: "task.test"},
			{Name: "jobs", TypeText: "literal number", IsStatic: true, DefaultText: "the number of processors, and at least 8",
				Doc: "how many commands, builds and pulls run at a time at most; `--jobs` beats it", Example: "4"},
			{Name: "output_style", TypeText: "literal string", IsStatic: true,
				DefaultText: "`\"stream\"` while one task writes, else `\"prefix\"`",
				Doc:         "how the output of commands is shown, unless their task or `--output-style` says otherwise",
				Example:     `"group"`},
		},
	}
}

// defaultsBlockType has the attributes of a task, without the attributes for a single task.
func defaultsBlockType() *BlockType {
	b := &BlockType{
		Name: "defaults", IsSingle: true,
		Doc: "attributes for every task that they have a meaning for and that does not set them",
	}
	for _, a := range TaskBlockType().Attrs {
		if !slices.Contains(TaskOnlyAttributes(), a.Name) {
			b.Attrs = append(b.Attrs, a)
		}
	}
	b.Blocks = []*BlockType{retryBlockType()}
	return b
}

// TaskOnlyAttributes returns the attributes that defaults cannot have.
func TaskOnlyAttributes() []string {
	return []string{
		"service", "job", "image", "command", "script", "container_name", "depends_on", "steps", "finally", "extends",
		"description", "aliases", "hidden",
	}
}
