package format

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/rogpeppe/go-internal/txtar"
)

var cases = []struct{ name, text, want string }{
	{"equals signs below each other", "a = 1\nlonger   =2\n", "a      = 1\nlonger = 2\n"},
	{"indentation", "task \"t\" {\ncommand=[\"x\",\n\"y\"]\n}\n", "task \"t\" {\n  command = [\"x\",\n  \"y\"]\n}\n"},
	{"comments stay", "# above\na=1 # beside\nbcd=2 // too\n/* between */\n", "# above\na   = 1 # beside\nbcd = 2 // too\n/* between */\n"},
	{"heredocs stay", "a=<<-EOT\n      x   =  1\n    EOT\n", "a = <<-EOT\n      x   =  1\n    EOT\n"},
	{"templates stay", "a=\"${  var.x}  b\"\n", "a = \"${var.x}  b\"\n"},
	{"spaces at the end of a line", "a = 1   \n", "a = 1\n"},
	{"blank lines stay", "a=1\n\n\nb=2\n", "a = 1\n\n\nb = 2\n"},
	{"nothing", "", ""},
	{"no newline at the end", "a=1", "a = 1"},
	{"wide characters", "\"ü\" {}\na=1\n", "\"ü\" {}\na = 1\n"},
}

func TestSource(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, string(Source([]byte(c.text)))); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// corpus returns all files of the language in the repository, valid and invalid.
func corpus(t testing.TB) [][]byte {
	t.Helper()
	var all [][]byte
	for _, c := range cases {
		all = append(all, []byte(c.text))
	}
	for _, pattern := range []string{"../../Tasks.hcl", "../../examples/*/Tasks.hcl"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, text)
		}
	}
	archives, err := filepath.Glob("../../hclspec/testdata/wrong/*.txtar")
	if err != nil || len(archives) < 60 {
		t.Fatalf("%d archives, %v", len(archives), err)
	}
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range archive.Files {
			if strings.HasSuffix(file.Name, ".hcl") {
				all = append(all, file.Data)
			}
		}
	}
	return all
}

func TestCorpusIsStable(t *testing.T) {
	right := 0
	for _, text := range corpus(t) {
		if checkLayout(t, text) {
			right++
		}
	}
	if right < 40 {
		t.Errorf("only %d files have a right syntax", right)
	}
}

// checkLayout checks that a file with valid syntax has a stable layout and keeps its meaning.
func checkLayout(t *testing.T, text []byte) bool {
	t.Helper()
	if _, diags := hclsyntax.ParseConfig(text, "x.hcl", hcl.InitialPos); diags.HasErrors() {
		return false
	}
	once := Source(text)
	if twice := Source(once); !bytes.Equal(once, twice) {
		t.Errorf("the layout of %q changes again:\n%s", text, cmp.Diff(string(once), string(twice)))
	}
	if before, after := words(text), words(once); !slices.Equal(before, after) {
		t.Errorf("%q: more than white space has changed:\n%s", text, cmp.Diff(before, after))
	}
	return true
}

// words returns the tokens of a text without the spaces.
func words(text []byte) []string {
	tokens, _ := hclsyntax.LexConfig(text, "x.hcl", hcl.InitialPos)
	var all []string
	for _, token := range tokens {
		all = append(all, string(token.Bytes))
	}
	return all
}

// FuzzSource looks for files with an unstable layout, or with another meaning after formatting.
func FuzzSource(f *testing.F) {
	for _, text := range corpus(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		checkLayout(t, text)
	})
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "Tasks.hcl"), filepath.Join(dir, "link.hcl")
	if err := errors.Join(os.WriteFile(path, []byte("a=1\n"), 0o640), os.Chmod(path, 0o640), os.Symlink("Tasks.hcl", link)); err != nil {
		t.Fatal(err)
	}
	killed := filepath.Join(dir, ".tasks-fmt-123") // of a killed process
	if err := errors.Join(os.WriteFile(killed, nil, 0o600), os.Chtimes(killed, time.Time{}, time.Now().Add(-2*time.Hour))); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, []byte("a = 1\n")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "a = 1\n" {
		t.Errorf("%q, %v", text, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is none any more: %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestWriteOfMissingFile(t *testing.T) {
	dir := t.TempDir()
	if err := Write(filepath.Join(dir, "none.hcl"), nil); err == nil {
		t.Error("no error")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("%v, %v", entries, err)
	}
}
