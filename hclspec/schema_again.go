package hclspec

// retryBlockType says how often a command that has failed is tried again.
func retryBlockType() *blockType {
	return &blockType{
		name: "retry", single: true,
		doc: "runs a command that has failed again",
		attrs: []attribute{
			{name: "attempts", typ: "number", def: "none: it is required", doc: "how often the command is run at most, the first time included", example: "3"},
			{name: "delay", typ: "string", def: `"0s"`, doc: "pause before the second attempt", example: `"1s"`},
			{name: "backoff", typ: "number", def: "1", doc: "each further pause is so many times as long as the one before", example: "2"},
		},
	}
}
