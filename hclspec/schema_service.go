package hclspec

// serviceBlockType is what a file may say of a compose service. Nothing of it changes the service's container.
func serviceBlockType() *blockType {
	return &blockType{
		name: "service", label: "service",
		doc:    "what `tasks` knows of a compose service beyond the compose file; it never changes the service's container",
		blocks: []*blockType{readyBlockType()},
	}
}

func readyBlockType() *blockType {
	return &blockType{
		name: "ready", isSingle: true,
		doc: "a probe beside the service's healthcheck, or in place of one that it lacks",
		attrs: []attributeType{
			{name: "tcp", typeText: "number or string", doc: "ready when this port accepts connections", example: "5432"},
			{name: "http", typeText: "number or string", doc: "ready when this answers with a 2xx or 3xx", example: `":8080/healthz"`},
			{name: "log", typeText: "string", doc: "ready when a line of its log, since its start, matches this regular expression", example: `"ready to accept connections"`},
			{name: "exec", typeText: "list or string", doc: "ready when this command, run in its container, ends with 0", example: `["pg_isready"]`},
			{name: "interval", typeText: "string", defaultText: `"100ms"`, doc: "pause between two tries", example: `"250ms"`},
			{name: "timeout", typeText: "string", defaultText: `"1m"`, doc: "how long it may take to get ready", example: `"30s"`},
			{name: "engine_only", typeText: "bool", defaultText: "false", doc: "leave the healthcheck to the engine's own schedule: `tasks` does not run it", example: "true"},
		},
	}
}

// probeAttributes are the attributes of a ready block that say how to probe.
func probeAttributes() []string { return []string{"tcp", "http", "log", "exec"} }
