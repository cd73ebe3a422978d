package config

// retryBlockType repeats a failed command.
func retryBlockType() *BlockType {
	return &BlockType{
		Name: "retry", IsSingle: true,
		Doc: "runs a command that has failed again",
		Attrs: []AttributeType{
			{Name: "attempts", TypeText: "number", DefaultText: "none: it is required",
				Doc: "how often the command is run at most, the first time included", Example: "3"},
			{Name: "delay", TypeText: "string", DefaultText: `"0s"`, Doc: "pause before the second attempt", Example: `"1s"`},
			{Name: "backoff", TypeText: "number", DefaultText: "1",
				Doc: "each further pause is so many times as long as the one before", Example: "2"},
		},
	}
}
