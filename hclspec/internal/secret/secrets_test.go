package secret

import (
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"tasks/internal/plaintext"
)

// TestMaskOfEscapedText: a text may be escaped before it is masked.
func TestMaskOfEscapedText(t *testing.T) {
	const value = "pa\x1bss\"\\word"
	set := NewSet()
	set.Add(cty.StringVal(value))
	if got := set.Secrets().Mask("a " + plaintext.Escape(value) + " b"); strings.Contains(got, "ss") {
		t.Errorf("%s", got)
	}
}
