package screen_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/internal/testing/screen"
)

func TestScreen(t *testing.T) {
	for name, test := range map[string]struct{ written, want, history string }{
		"lines":            {"one\r\ntwo\r\n", "one\ntwo", ""},
		"carriage return":  {"one\rtw", "twe", ""},
		"wraps":            {"0123456789ab", "0123456789\nab", ""},
		"full line":        {"0123456789\rx", "x123456789", ""},
		"scrolls":          {"1\r\n2\r\n3\r\n4\r\n5", "2\n3\n4\n5", "1"},
		"erases":           {"one\r\ntwo\r\nthree\r\x1b[2A\x1b[Jnew", "new", ""},
		"stops at the top": {"1\r\n2\r\n3\r\n4\r\n5\x1b[9A\rtop", "top\n3\n4\n5", "1"},
		"colours":          {"\x1b[31mred\x1b[0m", "red", ""},
		"wide":             {"日本語", "日本語", ""},
		"in pieces":        {"a\x1b[", "a", ""},
		"notification":     {"\x1b]9;x\aafter", "after", ""},
		"cleared":          {"1\r\n2\r\n3\r\n4\r\n5\x1b[H\x1b[2J\x1b[3Jnew", "new", ""},
	} {
		s := screen.New(4, 10)
		fmt.Fprint(s, test.written)
		if s.String() != test.want || s.History() != test.history {
			t.Errorf("%s: %q after %q", name, s, s.History())
		}
	}
}

func TestVisibleRunsOfOneStyle(t *testing.T) {
	s := screen.New(2, 20)
	fmt.Fprint(s, "a \x1b[1m\x1b[31mred\x1b[0m 日b\r\n\x1b[2mdim")
	want := [][]screen.Run{{{Text: "a "}, {Text: "red", Style: "1;31"}, {Text: " 日b"}}, {{Text: "dim", Style: "2"}}}
	if diff := cmp.Diff(want, s.Visible()); diff != "" {
		t.Error(diff)
	}
}

func TestResizeWrapsAgain(t *testing.T) {
	s := screen.New(4, 10)
	fmt.Fprint(s, "0123456789ab\r\nnext\r\n> ")
	s.Resize(6, 5)
	if s.String() != "01234\n56789\nab\nnext\n>" {
		t.Errorf("%q", s)
	}
	fmt.Fprint(s, "x")
	s.Resize(6, 20)
	if s.String() != "0123456789ab\nnext\n> x" {
		t.Errorf("%q", s)
	}
}
