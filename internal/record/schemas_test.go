package record_test

import (
	"encoding/json"
	"strings"
	"testing"

	"tasks/internal/record"
	"tasks/internal/testing/schema"
)

// TestSchemas: docs/schemas has the schemas of a line of --events, and of an element of --trace. The recordings match.
func TestSchemas(t *testing.T) {
	schema.Check(t, *update, "event", "a line of --events", record.EventDocument)
	schema.Check(t, *update, "trace-event", "an element of --trace", record.SpanDocument)
	events, trace, _ := recordSampleRun(t)
	withOutput, _ := recordOutput(t, true, func(tap func(string, bool, []byte)) { tap("lint", true, []byte("text")) })
	for line := range strings.Lines(events + withOutput) {
		schema.Validate(t, "event", line)
	}
	var spans []json.RawMessage
	if err := json.Unmarshal([]byte(trace), &spans); err != nil {
		t.Fatal(err)
	}
	for _, s := range spans {
		schema.Validate(t, "trace-event", string(s))
	}
}
