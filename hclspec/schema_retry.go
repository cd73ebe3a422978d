package hclspec

// retryBlockType says how often a command that has failed is tried again.
func retryBlockType() *blockType {
	return &blockType{
		name: "retry", isSingle: true,
		doc: "runs a command that has failed again",
		attrs: []attributeType{
			{name: "attempts", typeText: "number", defaultText: "none: it is required", doc: "how often the command is run at most, the first time included", example: "3"},
			{name: "delay", typeText: "string", defaultText: `"0s"`, doc: "pause before the second attempt", example: `"1s"`},
			{name: "backoff", typeText: "number", defaultText: "1", doc: "each further pause is so many times as long as the one before", example: "2"},
		},
	}
}
