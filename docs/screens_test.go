//go:build unix

package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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
	for _, b := range readBlocks(t, "commands.md") {
		if b.language != "text" {
			continue
		}
		if shown++; !strings.Contains(all, "\n"+normal(b.text)+"\n") {
			t.Errorf("no golden screen has this part:\n%s", b.text)
		}
	}
	if shown < 4 {
		t.Errorf("only %d blocks of output", shown)
	}
}
