//go:build unix

package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tasks/internal/testing/pagetest"
	"tasks/internal/toolbox"
)

// TestScreensOfThePages: each block of output on the page of the command line is a part of a golden screen. The golden screens
// are compared with the program.
func TestScreensOfThePages(t *testing.T) {
	var screens strings.Builder
	names := regexp.MustCompile(`tt-testscreensof[a-z]*-0+`)
	for _, pattern := range []string{"../internal/view/testdata/screens/*.golden", "../e2e/terminal/testdata/screens/*.golden"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) < 5 {
			t.Fatalf("%s: %q, %v", pattern, files, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			screens.WriteString("\n" + names.ReplaceAllString(string(text), "shop"))
		}
	}
	all := normal(strings.ReplaceAll(screens.String(), "tasks-test/toolbox:000000000000", "shop-web"))
	shown := 0
	for _, b := range read(t, "commands.md") {
		if b.Language != "text" {
			continue
		}
		if shown++; !strings.Contains(all, "\n"+normal(b.Text)+"\n") {
			t.Errorf("no golden screen has this part:\n%s", b.Text)
		}
	}
	if shown < 4 {
		t.Errorf("only %d blocks of output", shown)
	}
}

// TestReferenceBegins does what the first lines of the reference say, and makes the mistake that it shows.
func TestReferenceBegins(t *testing.T) {
	dir := t.TempDir()
	blocks := read(t, "language.md")
	if blocks[0].Language != "hcl" || blocks[1].Language != "console" {
		t.Fatalf("the page begins with %v", blocks[:2])
	}
	for _, call := range strings.Split("\n"+blocks[1].Text, "\n$ ")[1:] {
		command, want, _ := strings.Cut(call, "\n")
		if got := runIn(t, dir, blocks[0].Text, command); !pagetest.Matches(want, got) {
			t.Errorf("$ %s\nwant\n%s\ngot\n%s", command, want, got)
		}
	}
	for _, b := range blocks {
		if b.Language == "text" {
			if got := runIn(t, dir, "task \"t\" {\n  comand = [\"true\"]\n}", "tasks validate"); !pagetest.Matches("...\n"+b.Text+"\n...", got) {
				t.Errorf("want\n%s\ngot\n%s", b.Text, got)
			}
		}
	}
}

// runIn runs a command in a directory with the file, and returns both streams.
func runIn(t *testing.T, dir, file, command string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "Tasks.hcl"), []byte(file+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command+" 2>&1")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), toolbox.StateVariables(t.TempDir())...)
	out, _ := cmd.Output() // the mistake ends with another code
	return string(out)
}

// TestMessagesOfThePages: the program still has the words of the messages on pages with output that no test can repeat: of a
// registry, of an older engine. Three words are enough to know a message.
func TestMessagesOfThePages(t *testing.T) {
	sources := productText(t)
	words := regexp.MustCompile(`(?:^|[\s,;:])([a-z']+(?:,? [a-z']+){2,})(?:$|[\s,;:(])`)
	checked := 0
	for _, page := range []string{"images.md", "attributes.md"} {
		for _, b := range read(t, page) {
			if b.Language != "text" {
				continue
			}
			for line := range strings.SplitSeq(b.Text, "\n") {
				for _, m := range words.FindAllStringSubmatch(line, -1) {
					if strings.Contains(line, "Status: ") {
						continue // the words of the engine
					}
					checked++
					_, withoutName, _ := strings.Cut(m[1], " ")
					if !strings.Contains(sources, m[1]) && !strings.Contains(sources, withoutName) {
						t.Errorf("%s: no message has the words %q", page, m[1])
					}
				}
			}
		}
	}
	if checked < 4 {
		t.Errorf("only %d messages", checked)
	}
}

// productText returns the source files of the product, with each text in one piece.
func productText(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir("..", func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`" \+\s*"`).ReplaceAllString(all.String(), "")
}
