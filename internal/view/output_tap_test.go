package view

import (
	"strings"
	"testing"

	"tasks/hclspec"
)

// A tap hears the masked output of commands in every style, except at a terminal.
func TestTapHearsMaskedOutput(t *testing.T) {
	for _, style := range hclspec.OutputStyles() {
		for _, isAtTerminal := range []bool{false, true} {
			c, _ := newStyledOutput(t, hclspec.OutputStyle(style), "a")
			if !isAtTerminal {
				c.Terminal = nil
			}
			c.Secrets = func() hclspec.Secrets { return hclspec.Secrets{"hidden"} }
			var heard strings.Builder
			c.SetTap(func(task string, toErr bool, text []byte) {
				if task != "a" {
					t.Errorf("the task is %q", task)
				}
				heard.Write(text)
			})
			writeBoth(t, c.StreamsOf(&hclspec.Task{Name: "a"}), "one hid", "two\n")
			s := c.StreamsOf(&hclspec.Task{Name: "a"})
			writeBoth(t, s, "a hidden word\n", "")
			want := isAtTerminal && style == string(hclspec.StyleStream)
			if strings.Contains(heard.String(), "hidden") || (heard.Len() == 0) != want {
				t.Errorf("%s, at a terminal %t: heard %q", style, isAtTerminal, heard.String())
			}
		}
	}
}
