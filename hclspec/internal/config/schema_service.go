package config

// serviceBlockType describes a compose service to `tasks`. Nothing in the block changes the service's container.
func serviceBlockType() *BlockType {
	return &BlockType{
		Name: "service", Label: "service",
		Doc:    "what `tasks` knows of a compose service beyond the compose file; it never changes the service's container",
		Blocks: []*BlockType{readyBlockType()},
	}
}

func readyBlockType() *BlockType {
	return &BlockType{
		Name: "ready", IsSingle: true,
		Doc: "a probe beside the service's healthcheck, or in place of one that it lacks",
		Attrs: []AttributeType{
			{Name: "tcp", TypeText: "number or string", Doc: "ready when this port accepts connections", Example: "5432"},
			{Name: "http", TypeText: "number or string", Doc: "ready when this answers with a 2xx or 3xx",
				Example: `":8080/healthz"`},
			{Name: "log", TypeText: "string",
				Doc:     "ready when a line of its log, since its start, matches this regular expression",
				Example: `"ready to accept connections"`},
			{Name: "exec", TypeText: "list or string", Doc: "ready when this command, run in its container, ends with 0",
				Example: `["pg_isready"]`},
			{Name: "interval", TypeText: "string", DefaultText: `"100ms"`, Doc: "pause between two tries", Example: `"250ms"`},
			{Name: "timeout", TypeText: "string", DefaultText: `"1m"`, Doc: "how long it may take to get ready",
				Example: `"30s"`},
			{Name: "engine_only", TypeText: "bool", DefaultText: "false",
				Doc: "leave the healthcheck to the engine's own schedule: `tasks` does not run it", Example: "true"},
		},
	}
}

// probeAttributes returns the attributes with a readiness probe.
func probeAttributes() []string { return []string{"tcp", "http", "log", "exec"} }
