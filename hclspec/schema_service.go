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
		name: "ready", single: true,
		doc: "a probe beside the service's healthcheck, or in place of one that it lacks",
		attrs: []attribute{
			{name: "tcp", typ: "number or string", doc: "ready when this port accepts connections", example: "5432"},
			{name: "http", typ: "number or string", doc: "ready when this answers with a 2xx or 3xx", example: `":8080/healthz"`},
			{name: "log", typ: "string", doc: "ready when a line of its log, since its start, matches this regular expression", example: `"ready to accept connections"`},
			{name: "exec", typ: "list or string", doc: "ready when this command, run in its container, ends with 0", example: `["pg_isready"]`},
			{name: "interval", typ: "string", def: `"100ms"`, doc: "pause between two tries", example: `"250ms"`},
			{name: "timeout", typ: "string", def: `"1m"`, doc: "how long it may take to get ready", example: `"30s"`},
			{name: "engine_only", typ: "bool", def: "false", doc: "leave the healthcheck to the engine's own schedule: `tasks` does not run it", example: "true"},
		},
	}
}

// probeNames are the attributes of a ready block that say how to probe.
func probeNames() []string { return []string{"tcp", "http", "log", "exec"} }
