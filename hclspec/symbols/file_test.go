package symbols

import (
	"slices"
	"strings"
	"testing"
)

// topLabels returns the blocks at the top of a text.
func topLabels(text string) []string {
	var found []string
	for _, c := range Scan([]byte(text), nil).Chunks {
		for _, b := range c.Blocks {
			found = append(found, b.Type+" "+b.Label())
		}
	}
	return found
}

// TestChunks: a mistake in a block hides no other block, and the lines of a heredoc start no block.
func TestChunks(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                     nil,
		"task \"a\" {}\ntask \"b\" {}\n":       {"task a", "task b"},
		"task \"a\" {\n  x = [\ntask \"b\" {}": {"task a", "task b"},
		"task \"a\" {\n  x = \"\ntask \"b\" {}\nlocals {\n":               {"task a", "task b", "locals "},
		"task \"a\" {\n  x = <<EOT\ntask \"no\" {\nEOT\n}\ntask \"b\" {}": {"task a", "task b"},
		"task \"a\" {\n  x = <<EOT\ntask \"b\" {}":                        {"task a", "task b"},
		"task \"a\" {\n  script = \"${#x}\"\n}\ntask \"b\" {}":            {"task a", "task b"},
	} {
		if got := topLabels(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzScan: each text has chunks that make up the text, and each place has a description.
func FuzzScan(f *testing.F) {
	f.Add("task \"a\" {\n  command = [\"${var.x}\", f(1)]\n}\n", 20)
	f.Add("a = <<E\n${\nE\n", 3)
	f.Add(strings.Repeat("[", 3000), 5)
	f.Add("\xef\xbb\xbftask \"\\\" {", 4)
	f.Fuzz(func(t *testing.T, text string, offset int) {
		file := Scan([]byte(text), nil)
		var all strings.Builder
		for _, c := range file.Chunks {
			if c.Start != all.Len() {
				t.Fatalf("a chunk starts at %d, not at %d", c.Start, all.Len())
			}
			all.WriteString(c.Text)
			for _, token := range c.Tokens {
				if token.Span.Start < 0 || token.Span.End > len(c.Text) || token.Span.Start > token.Span.End {
					t.Fatalf("%+v in %q", token, c.Text)
				}
			}
		}
		if all.String() != text {
			t.Fatalf("%q, want %q", all.String(), text)
		}
		file.At(offset)
	})
}
