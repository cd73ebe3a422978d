package config

// preconditionBlockType is a check before the start of a run.
func preconditionBlockType() *BlockType {
	return &BlockType{
		Name: "precondition",
		Doc:  "a condition of the run, checked before anything starts; there may be several",
		Attrs: []AttributeType{
			{Name: "condition", TypeText: "bool", DefaultText: "none: it is required", Doc: "what has to be true",
				Example: `env("AWS_PROFILE", "") != ""`},
			{Name: "error_message", TypeText: "string", DefaultText: "none: it is required", Doc: "what is told where it is not",
				Example: `"Log in first: aws sso login"`},
		},
	}
}

// dependsBlockType is a dependency with words.
func dependsBlockType() *BlockType {
	return &BlockType{
		Name: "depends",
		Doc:  "one task that comes first, with words of its own; there may be several",
		Attrs: []AttributeType{
			{Name: "task", TypeText: "reference", IsStatic: true, DefaultText: "none: it is required", Doc: "the task",
				Example: "task.build"},
			{Name: "args", TypeText: "list", AllowsRunTime: true, Doc: "the words that it is given, as on the command line",
				Example: `["--release", arg.target]`},
		},
	}
}
