package pagetest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		want, got string
		ok        bool
	}{
		{"a\nb", "a\nb\n", true},
		{"a\nb", "a\nb\nc\n", false},
		{"...\nb", "a\nb\n", true},
		{"...\nb", "a\nbc\n", false},
		{"a ...\n...", "a b c\nd\ne\n", true},
		{"a:...", "a:1", true},
		{"a:...", "b:1", false},
		{"a (0.5 s)", "a (1.25 s)", true},
		{"a (0.5 s)", "a (1 m 02 s)", true},
		{"a (0.5 s)", "a (x s)", false},
		{"a.c", "abc", false},
	} {
		if Matches(c.want, c.got) != c.ok {
			t.Errorf("%q, %q: %t", c.want, c.got, !c.ok)
		}
	}
}

func TestContainsLines(t *testing.T) {
	for _, c := range []struct {
		want, got string
		ok        bool
	}{
		{"b\na", "a\nx\nb\n", true},
		{"...\nb ...\n...", "a\nb c\n", true},
		{"b", "ab\nba\n", false},
		{"a\nc", "a\nb\n", false},
	} {
		if ContainsLines(c.want, c.got) != c.ok {
			t.Errorf("%q, %q: %t", c.want, c.got, !c.ok)
		}
	}
}

func TestRead(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	text := "# Page\n\nWrite `a.txt`:\n\n```text\none\ntwo\n```\n\n<!-- any order -->\n```console\n$ cat a.txt\none\n```\n"
	if err := os.WriteFile(page, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []Block{
		{Language: "text", Text: "one\ntwo", File: "a.txt"},
		{Language: "console", Text: "$ cat a.txt\none", AnyOrder: true},
	}
	if got, err := Read(page); err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}
