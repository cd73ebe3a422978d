package hclspec

// preconditionBlockType is checked before anything of a run starts.
func preconditionBlockType() *blockType {
	return &blockType{
		name: "precondition",
		doc:  "a condition of the run, checked before anything starts; there may be several",
		attrs: []attributeType{
			{name: "condition", typeText: "bool", defaultText: "none: it is required", doc: "what has to be true", example: `env("AWS_PROFILE", "") != ""`},
			{name: "error_message", typeText: "string", defaultText: "none: it is required", doc: "what is told where it is not", example: `"Log in first: aws sso login"`},
		},
	}
}

// dependsBlockType is a dependency that is given words.
func dependsBlockType() *blockType {
	return &blockType{
		name: "depends",
		doc:  "one task that comes first, with words of its own; there may be several",
		attrs: []attributeType{
			{name: "task", typeText: "reference", isStatic: true, defaultText: "none: it is required", doc: "the task", example: "task.build"},
			{name: "args", typeText: "list", allowsRunTime: true, doc: "the words that it is given, as on the command line", example: `["--release", arg.target]`},
		},
	}
}
