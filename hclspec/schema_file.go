package hclspec

import "slices"

// tasksBlockType says things of the files themselves.
func tasksBlockType() *blockType {
	return &blockType{
		name: "tasks", isSingle: true,
		doc: "what holds for all of the project's files",
		attrs: []attributeType{
			{name: "required_version", typeText: "literal string", isStatic: true, doc: "the versions of `tasks` that understand the file, checked before anything else", example: `">= 1.2, < 2"`},
			{name: "default", typeText: "reference, or list of references", isStatic: true, doc: "the task of a bare `tasks run`", example: "task.test"},
			{name: "jobs", typeText: "literal number", isStatic: true, defaultText: "the number of processors, and at least 8", doc: "how many commands, builds and pulls run at a time at most; `--jobs` beats it", example: "4"},
			{name: "output_style", typeText: "literal string", isStatic: true, defaultText: "`\"stream\"` while one task writes, else `\"prefix\"`", doc: "how the output of commands is shown, unless their task or `--output-style` says otherwise", example: `"group"`},
		},
	}
}

// defaultsBlockType has the attributes of a task but those that belong to one task alone.
func defaultsBlockType() *blockType {
	b := &blockType{
		name: "defaults", isSingle: true,
		doc: "attributes for every task that they have a meaning for and that does not set them",
	}
	for _, a := range taskBlockType().attrs {
		if !slices.Contains(taskOnlyAttributes(), a.name) {
			b.attrs = append(b.attrs, a)
		}
	}
	b.blocks = []*blockType{retryBlockType()}
	return b
}

// taskOnlyAttributes are the attributes that cannot stand in defaults.
func taskOnlyAttributes() []string {
	return []string{
		"service", "image", "command", "script", "container_name", "depends_on", "finally", "extends", "description", "aliases", "hidden",
	}
}
