package help

import "testing"

func TestRoff(t *testing.T) {
	for text, want := range map[string]string{
		`--file A\B`:       `\-\-file A\eB`,
		".TH is no name":   `\&.TH is no name`,
		"'quoted'":         `\&'quoted'`,
		"call `tasks run`": `call \fBtasks run\fR`,
		"a problem (✗)":    `a problem (\[u2717])`,
	} {
		if got := roff(text); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}
