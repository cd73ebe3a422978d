package composecall

import (
	"testing"

	"tasks/hclspec"
)

// TestCommandQuotesControlCharacters: bash and zsh read $'…', and the terminal gets no control character.
func TestCommandQuotesControlCharacters(t *testing.T) {
	b := builder{args: []string{"docker", "a b", "x\x1b[2J'\\\n\u202e", "tok\ten-\x1b", "last"}}
	got := b.command(hclspec.Secrets{"tok\ten"})
	if want := `docker 'a b' $'x\x1b[2J\'\\\n\u202e' $'***-\x1b' last`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
