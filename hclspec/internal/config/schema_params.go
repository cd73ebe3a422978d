package config

// argBlockType is a word behind a task's name. flagBlockType is an option there.
func argBlockType() *BlockType {
	return &BlockType{
		Name: "arg", Label: "argument",
		Doc: "a typed word behind the task's name, in the order of the blocks: `arg.NAME`",
		Attrs: append(paramAttributes("none: the argument is required"),
			AttributeType{Name: "variadic", TypeText: "literal bool", IsStatic: true, DefaultText: "false",
				Doc: "takes all words that are left, as a list; on the last argument only", Example: "true"}),
		Blocks: []*BlockType{validationBlockType()},
	}
}

func flagBlockType() *BlockType {
	return &BlockType{
		Name: "flag", Label: "flag",
		Doc: "a typed option behind the task's name, `--NAME`: `flag.NAME`",
		Attrs: append(paramAttributes("`false` for a bool, else `null`"),
			AttributeType{Name: "short", TypeText: "literal string", IsStatic: true, Doc: "one letter that means the same: `-r`",
				Example: `"r"`}),
		Blocks: []*BlockType{validationBlockType()},
	}
}

// paramAttributes returns the attributes of both. The text without describes a parameter without a default.
func paramAttributes(without string) []AttributeType {
	return []AttributeType{
		{Name: "type", TypeText: "type", IsStatic: true, DefaultText: "string", Doc: "what values are accepted",
			Example: "number"},
		{Name: "default", TypeText: "any", DefaultText: without, Doc: "the value when none is given", Example: `"amd64"`},
		{Name: "enum", TypeText: "list of literals", IsStatic: true, DefaultText: "all values",
			Doc: "the values that are accepted", Example: `["amd64", "arm64"]`},
		{Name: "env", TypeText: "literal string", IsStatic: true,
			Doc: "a variable of the environment of `tasks` that gives the value when no word does", Example: `"ARCH"`},
		{Name: "description", TypeText: "literal string", IsStatic: true, Doc: "what it is for",
			Example: `"The architecture"`},
	}
}
