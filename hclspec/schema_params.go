package hclspec

// argBlockType is a word of its own behind a task's name; flagBlockType an option there.
func argBlockType() *blockType {
	return &blockType{
		name: "arg", label: "argument",
		doc: "a typed word behind the task's name, in the order of the blocks: `arg.NAME`",
		attrs: append(paramAttributes("none: the argument is required"),
			attributeType{name: "variadic", typeText: "literal bool", isStatic: true, defaultText: "false", doc: "takes all words that are left, as a list; on the last argument only", example: "true"}),
		blocks: []*blockType{validationBlockType()},
	}
}

func flagBlockType() *blockType {
	return &blockType{
		name: "flag", label: "flag",
		doc: "a typed option behind the task's name, `--NAME`: `flag.NAME`",
		attrs: append(paramAttributes("`false` for a bool, else `null`"),
			attributeType{name: "short", typeText: "literal string", isStatic: true, doc: "one letter that means the same: `-r`", example: `"r"`}),
		blocks: []*blockType{validationBlockType()},
	}
}

// paramAttributes are those of both. without is what holds where there is no default.
func paramAttributes(without string) []attributeType {
	return []attributeType{
		{name: "type", typeText: "type", isStatic: true, defaultText: "string", doc: "what values are accepted", example: "number"},
		{name: "default", typeText: "any", defaultText: without, doc: "the value when none is given", example: `"amd64"`},
		{name: "enum", typeText: "list of literals", isStatic: true, defaultText: "all values", doc: "the values that are accepted", example: `["amd64", "arm64"]`},
		{name: "env", typeText: "literal string", isStatic: true, doc: "a variable of the environment of `tasks` that gives the value when no word does", example: `"ARCH"`},
		{name: "description", typeText: "literal string", isStatic: true, doc: "what it is for", example: `"The architecture"`},
	}
}
