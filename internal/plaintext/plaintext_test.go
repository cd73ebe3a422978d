package plaintext

import (
	"strconv"
	"strings"
	"testing"
)

func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		"plain, é 日本 👩‍🚀 \\x1b":        "plain, é 日本 👩‍🚀 \\x1b",
		"a\x1b]0;title\x07":            `a\x1b]0;title\a`,
		"a\x00b\x7fc":                  `a\x00b\x7fc`,
		"a\u009b31mb":                  `a\u009b31mb`,
		"a\u202eb\u2066c\u200fd\u061c": `a\u202eb\u2066c\u200fd\u061c`,
		"a\u2028b\u2029c":              `a\u2028b\u2029c`,
		"a\xffb\x9b":                   `a\xffb\x9b`,
		"a\tb\r\nc":                    `a\tb\r\nc`,
		"\ufffd":                       "\ufffd",
	} {
		got := Escape(text)
		if got != want || Escape(got) != got {
			t.Errorf("Escape(%q) = %q, want %q", text, got, want)
		}
		if IsPlain(text) != (got == text) || !IsPlain(got) {
			t.Errorf("IsPlain(%q) = %v", text, IsPlain(text))
		}
	}
}

// TestEscapeSpellsAsGo: a text that was quoted by Go before looks the same.
func TestEscapeSpellsAsGo(t *testing.T) {
	for r := rune(0); r < 0x10000; r++ {
		if !isUnsafe(r) {
			continue
		}
		quoted := strconv.Quote(string(r))
		if got := Escape(string(r)); got != quoted[1:len(quoted)-1] {
			t.Errorf("%U is spelled %s, and by Go %s", r, got, quoted)
		}
	}
}

func TestRemove(t *testing.T) {
	if got := Remove("a\x1b[2J\u202e\tb\xff"); got != "a[2Jb\ufffd" {
		t.Errorf("%q", got)
	}
}

func TestEscapeLines(t *testing.T) {
	if got := EscapeLines("a\tb\r\nc\rd\x1b\n"); got != "a\tb\nc\\rd\\x1b\n" {
		t.Errorf("%q", got)
	}
}

func TestMessageForgesNoLine(t *testing.T) {
	got := Message("first\ntask build  done\n  indented\n\nlast\x1b\n")
	if want := "first\n  task build  done\n  indented\n\n  last\\x1b"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestWithoutColors(t *testing.T) {
	got := WithoutColors("\x1b[1;31mred\x1b[0m \x1b[2Jx \x1b[38:5:1mz\x1b[m")
	if want := "red \x1b[2Jx z"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if strings.Contains(Escape(WithoutColors("\x1b\x1b[1m[1m")), "\x1b") {
		t.Error("a nested sequence stays raw")
	}
}

func TestWithoutSequences(t *testing.T) {
	text := "a\x1b[31;1mb\x1b[0m\x1b[2K\x1b]0;title\x07c\x1b]8;;http://x\x1b\\d\x1bM\n"
	if got := WithoutSequences(text); got != "abcd\n" {
		t.Errorf("%q", got)
	}
}
