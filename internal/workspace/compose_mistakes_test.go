package workspace

import (
	"bytes"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/rogpeppe/go-internal/txtar"

	"tasks/internal/view/diagnostics"
)

var update = flag.Bool("update", false, "write the expected texts")

// TestComposeMistakes compares the text for wrong compose files. Each archive has the files of a project, and the text
// in the file "want". The comment of an archive may have lines `env NAME=VALUE` and `profile NAME`. Each archive is
// loaded several times: the text must not depend on the order of maps.
func TestComposeMistakes(t *testing.T) {
	paths, err := filepath.Glob("testdata/compose/*.txtar")
	if err != nil || len(paths) < 40 {
		t.Fatalf("%d archives, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want := archiveFile(archive, "want")
			got := mistakesText(t, archive)
			if *update && got != string(want.Data) {
				want.Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got != string(want.Data) {
				t.Errorf("got\n%s\nwant\n%s", got, want.Data)
			}
			for range 4 {
				if again := mistakesText(t, archive); again != got {
					t.Errorf("another text:\n%s\nfirst\n%s", again, got)
				}
			}
		})
	}
}

// archiveFile returns a file of an archive, and adds a missing file.
func archiveFile(archive *txtar.Archive, name string) *txtar.File {
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		archive.Files = append(archive.Files, txtar.File{Name: name})
		i = len(archive.Files) - 1
	}
	return &archive.Files[i]
}

// mistakesText returns the text of `tasks validate` for the files of an archive.
func mistakesText(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	files := map[string]string{"Tasks.hcl": "task \"t\" {\n  service = \"web\"\n}\n"}
	for _, f := range archive.Files {
		files[f.Name] = string(f.Data)
	}
	delete(files, "want")
	dir := writeFiles(t, files)
	config := testConfig(t, dir)
	for line := range strings.Lines(string(archive.Comment)) {
		kind, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch kind {
		case "env":
			config.Environ = append(config.Environ, value)
		case "profile":
			config.Flags.Profiles = append(config.Flags.Profiles, value)
		case "stdin":
			config.Flags.ComposeFiles = []string{"-"}
			config.Stdin = func() ([]byte, error) { return []byte(files["compose.yaml"]), nil }
		}
	}
	ws, _, err := Open(config.Offline())
	if err != nil {
		t.Fatal(err)
	}
	diags := ws.Validate()
	var text bytes.Buffer
	if err := diagnostics.WriteText(&text, ws.SourceFiles(), diags, diagnostics.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(text.String(), dir, "DIR")
}

func TestComposeErrorIsTheErrorOfARun(t *testing.T) {
	ws := openFiles(t, map[string]string{"Tasks.hcl": serviceTask, "compose.yaml": "services:\n  app: {imge: a}\n"})
	_, err := ws.Project("")
	diags, ok := errors.AsType[hcl.Diagnostics](err)
	if !ok || len(diags) != 1 || diags[0].Subject.Start.Line != 2 || diags[0].Subject.Start.Column != 9 {
		t.Errorf("%v", err)
	}
	if !slices.Contains(slices.Collect(maps.Keys(ws.SourceFiles())), "compose.yaml") {
		t.Errorf("no excerpt of %v", ws.SourceFiles())
	}
}
