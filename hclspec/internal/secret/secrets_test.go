package secret

import (
	"encoding/json"
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

func TestOverlappingSecretsLeaveNoPart(t *testing.T) {
	secrets := Secrets{"cdefgh", "abcd", "xyxy"}
	for text, want := range map[string]string{
		"abcdefgh":    "***",
		"-abcdefgh-":  "-***-",
		"abcdabcd":    "******",
		"xyxyxy":      "***",
		"abc defgh":   "abc defgh",
		"cdefgh abcd": "*** ***",
	} {
		if got := secrets.Mask(text); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}

// TestCutSecrets: the engine cuts the output of a healthcheck at 4096 bytes, with three dots at the end.
func TestCutSecrets(t *testing.T) {
	secrets := Secrets{"topsecret12345", "other-secret"}
	for text, want := range map[string]string{
		"is topsecret12... (exit code 1)": "is ***... (exit code 1)",
		"is top...":                       "is top...",
		"…cret12345 is it":                "…*** is it",
		"...ther-secret and topsec…":      "...*** and ***…",
		"wait.......":                     "wait.......",
		"topsecret12345...":               "***...",
	} {
		if got := secrets.Mask(text); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}

// TestSpellings: a secret is found in the spellings of all formats that the program writes.
func TestSpellings(t *testing.T) {
	for _, text := range []string{"a<b>&c\x01d", "it's\t\"q\"", "${x}%{y}\n-", "é\u2028<\u200b>&", `back\slash`} {
		set := NewSet()
		set.Add(cty.StringVal(text))
		secrets := set.Secrets()
		var plain strings.Builder
		encoder := json.NewEncoder(&plain)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(text); err != nil {
			t.Fatal(err)
		}
		escaped, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, spelling := range []string{text, strings.TrimSpace(plain.String()), string(escaped)} {
			if got := secrets.Mask("[" + spelling + "]"); strings.Trim(got, "[]\"") != Masked {
				t.Errorf("%q: %q", spelling, got)
			}
		}
	}
}
