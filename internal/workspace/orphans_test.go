package workspace

import (
	"path/filepath"
	"strings"
	"testing"

	"tasks/internal/coord"
)

// TestUnwritableStateIsOneWarning: without any state directory, one line has all directories with their reasons.
func TestUnwritableStateIsOneWarning(t *testing.T) {
	dir := writeFiles(t, map[string]string{coord.DirName: "a file", "other": "a file"})
	config := testConfig(t, dir)
	t.Setenv(coord.SharedDirEnv, filepath.Join(dir, "other", "below"))
	reported := &messages{}
	config.Reporter = reported
	config.killOrphans(t.Context(), coord.OpenStore(dir, ""))
	if len(reported.lines) != 1 {
		t.Fatalf("%d messages: %q", len(reported.lines), reported.lines)
	}
	line := reported.lines[0]
	for _, text := range []string{
		"warning: cannot write a state directory: ", coord.DirName + " (is not a directory", "below", " (not a directory)",
		": commands of killed runs go on, and no task is up to date",
	} {
		if !strings.Contains(line, text) {
			t.Errorf("%q lacks %q", line, text)
		}
	}
	if strings.Contains(line, "\n") {
		t.Errorf("several lines: %q", line)
	}
}
