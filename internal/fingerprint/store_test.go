package fingerprint

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tasks/internal/state"
)

// tree is a directory with a task's files, and the store beside it.
type tree struct {
	t     testing.TB
	dir   string
	store *Store
	q     Question
}

func newTree(t testing.TB, files ...string) *tree {
	t.Helper()
	dir := t.TempDir()
	tr := &tree{t: t, dir: dir, store: New(state.Open(dir)), q: Question{Record: "app/build", Dir: dir, Inputs: []string{"src/**"}, Parts: map[string]string{"the command": "make"}}}
	for _, name := range files {
		tr.write(name, "content of "+name)
	}
	return tr
}

// write makes a file that is old enough for its content to be known by its time.
func (tr *tree) write(name, content string) {
	tr.t.Helper()
	whole := filepath.Join(tr.dir, name)
	old := time.Now().Add(-time.Hour)
	if err := os.MkdirAll(filepath.Dir(whole), 0o755); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.WriteFile(whole, []byte(content), 0o644); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.Chtimes(whole, old, old); err != nil {
		tr.t.Fatal(err)
	}
}

func (tr *tree) look() *Answer {
	tr.t.Helper()
	a, err := tr.store.Look(tr.t.Context(), tr.q)
	if err != nil {
		tr.t.Fatal(err)
	}
	return a
}

func (tr *tree) succeed() {
	tr.t.Helper()
	if changed, err := tr.look().Succeeded(tr.t.Context()); changed || err != nil {
		tr.t.Fatalf("changed %v, %v", changed, err)
	}
}

func (tr *tree) wantReason(want string) {
	tr.t.Helper()
	if got := tr.look().Reason; got != want {
		tr.t.Errorf("reason %q, want %q", got, want)
	}
}

func TestReasons(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*tree)
		want   string
	}{
		"nothing":           {func(*tree) {}, ""},
		"content":           {func(tr *tree) { tr.write("src/a.go", "another one") }, "input src/a.go differs"},
		"same length":       {func(tr *tree) { tr.write("src/a.go", "content of src/A.go") }, "input src/a.go differs"},
		"time alone":        {func(tr *tree) { tr.write("src/a.go", "content of src/a.go") }, ""},
		"new file":          {func(tr *tree) { tr.write("src/deep/c.go", "") }, "input src/deep/c.go is new"},
		"file gone":         {func(tr *tree) { _ = os.Remove(filepath.Join(tr.dir, "src/a.go")) }, "input src/a.go is gone"},
		"executable":        {func(tr *tree) { _ = os.Chmod(filepath.Join(tr.dir, "src/a.go"), 0o755) }, "input src/a.go differs"},
		"no files any more": {func(tr *tree) { _ = os.RemoveAll(filepath.Join(tr.dir, "src")) }, "no file matches its inputs"},
		"elsewhere":         {func(tr *tree) { tr.write("other/x", "x") }, ""},
		"state and git":     {func(tr *tree) { tr.write("src/.git/x", "x"); tr.write("src/.tasks/x", "x") }, ""},
		"command":           {func(tr *tree) { tr.q.Parts = map[string]string{"the command": "ninja"} }, "the command differs"},
		"part gone":         {func(tr *tree) { tr.q.Parts = nil }, "the command is gone"},
		"part new":          {func(tr *tree) { tr.q.Parts = map[string]string{"the command": "make", "volume db": "1"} }, "volume db is new"},
		"another task":      {func(tr *tree) { tr.q.Record = "app/other" }, "it has not succeeded before"},
		"output missing":    {func(tr *tree) { tr.q.Outputs = []string{"dist/*"} }, "output dist/* is missing"},
		"output stands":     {func(tr *tree) { tr.write("dist/app", "x"); tr.q.Outputs = []string{"dist/*"} }, ""},
		"output differs": {func(tr *tree) {
			tr.q.Inputs, tr.q.Outputs = []string{"."}, []string{"dist"}
			tr.write("dist/app", "x")
			tr.succeed()
			tr.write("dist/app", "y")
		}, ""},
		"broken record":  {func(tr *tree) { _ = tr.store.files.WriteFile(tr.q.record(), []byte("x")) }, "it has not succeeded before"},
		"broken listing": {func(tr *tree) { _ = tr.store.files.WriteFile(tr.q.listing(), []byte(listingVersion+"\xff\xff")) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTree(t, "src/a.go", "src/b.go")
			tr.succeed()
			test.change(tr)
			tr.wantReason(test.want)
		})
	}
}

func TestGlobs(t *testing.T) {
	tr := newTree(t, "go.mod", "a.go", "src/a.go", "src/deep/b.go", "src/deep/b.txt", "src/deep/x/c.go")
	if err := os.Symlink("a.go", filepath.Join(tr.dir, "src/link.go")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("deep", filepath.Join(tr.dir, "src/dir.go")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ globs, want string }{
		{"go.mod", "go.mod"},
		{"*.go", "a.go"},
		{"src/*.go", "src/a.go src/dir.go src/link.go"},
		{"src/**/*.txt", "src/deep/b.txt"},
		{"src/deep", "src/deep/b.go src/deep/b.txt src/deep/x/c.go"},
		{"src/*/*.go", "src/deep/b.go"},
		{"**/c.go src/deep/**", "src/deep/b.go src/deep/b.txt src/deep/x/c.go"},
		{"src/{deep/b,a}.go", "src/a.go src/deep/b.go"},
		{"./src/../go.mod nothing/**", "go.mod"},
	} {
		files, err := walk(t.Context(), tr.dir, strings.Fields(test.globs))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range files {
			names = append(names, f.name)
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%s: %s, want %s", test.globs, got, test.want)
		}
	}
	if _, err := walk(t.Context(), tr.dir, []string{"src/[a"}); err == nil || !strings.Contains(err.Error(), "src/[a") {
		t.Errorf("error %v of a broken glob", err)
	}
}

// What a file of the same looks has is not read again; what was young when it was read is.
func TestOnlyWhatChangedIsRead(t *testing.T) {
	// Directory by directory is not the order of the names here.
	tr := newTree(t, "src/a.go", "src/b.go", "src/a/x.go", "src/a-b/x.go", "src/a/y/z.go")
	tr.succeed()
	if a := tr.look(); !a.read {
		t.Error("files whose times were set a moment ago were not read again")
	}
	tr.store.now = func() time.Time { return time.Now().Add(time.Hour) }
	tr.succeed()
	a := tr.look()
	if a.read {
		t.Error("files were read that had not changed")
	}
	tr.store.now = func() time.Time { return time.Now().Add(-time.Hour) }
	tr.write("src/a.go", "young")
	if err := tr.look().Remember(); err != nil {
		t.Fatal(err)
	}
	if a := tr.look(); !a.read {
		t.Error("a file that was just written was not read again")
	}
}

func TestChangeDuringTheRun(t *testing.T) {
	tr := newTree(t, "src/a.go")
	tr.succeed()
	tr.write("src/a.go", "1")
	a := tr.look()
	tr.write("src/a.go", "2")
	if changed, err := a.Succeeded(t.Context()); !changed || err != nil {
		t.Errorf("changed %v, %v", changed, err)
	}
	tr.wantReason("an input changed during its last run")
}

// What was changed back has had another content meanwhile, and nobody knows which the run has seen.
func TestChangeAndBackDuringTheRun(t *testing.T) {
	tr := newTree(t, "src/a.go")
	a := tr.look()
	time.Sleep(20 * time.Millisecond) // beyond the tick of the file system's clock
	tr.write("src/a.go", "2")
	tr.write("src/a.go", "content of src/a.go")
	if changed, err := a.Succeeded(t.Context()); !changed || err != nil {
		t.Errorf("changed %v, %v", changed, err)
	}
	tr.wantReason("an input changed during its last run")
}

// A success counts until the next run begins: that one may leave anything behind.
func TestVoid(t *testing.T) {
	tr := newTree(t, "src/a.go")
	tr.succeed()
	tr.wantReason("")
	if err := tr.store.Void(tr.q.Record); err != nil {
		t.Fatal(err)
	}
	tr.wantReason("its last run has not succeeded")
	tr.succeed()
	tr.wantReason("")
}

// A look changes nothing: `tasks plan` may be the one who looks.
func TestLookLeavesNothing(t *testing.T) {
	tr := newTree(t, "src/a.go")
	files := &counting{Files: tr.store.files}
	tr.store = New(files)
	tr.look()
	if files.written != 0 {
		t.Errorf("%d files were written", files.written)
	}
}

type counting struct {
	Files
	written int
}

func (c *counting) WriteFile(name string, content []byte) error {
	c.written++
	return c.Files.WriteFile(name, content)
}

func TestNoSecretIsKept(t *testing.T) {
	tr := newTree(t, "src/a.go")
	tr.q.Parts = map[string]string{"the environment": "TOKEN=hunter2"}
	tr.succeed()
	content, err := tr.store.files.ReadFile(tr.q.record())
	if err != nil || len(content) == 0 || strings.Contains(string(content), "hunter2") {
		t.Errorf("%q, %v", content, err)
	}
}

func TestCancelled(t *testing.T) {
	tr := newTree(t, "src/a.go")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tr.store.Look(ctx, tr.q); err == nil {
		t.Error("a look went on after the end")
	}
}

func FuzzListing(f *testing.F) {
	f.Add([]byte(listingVersion))
	f.Add(listing{{name: "a", seen: look{size: -1, inode: 1 << 63, executable: true}}}.encode())
	f.Fuzz(func(t *testing.T, content []byte) {
		l := decodeListing(content)
		if again := decodeListing(l.encode()); len(l) != len(again) {
			t.Errorf("%d entries became %d", len(l), len(again))
		}
	})
}

// BenchmarkUnchanged is the check of 100,000 files of which none has changed.
func BenchmarkUnchanged(b *testing.B) {
	tr := newTree(b)
	for i := range 100_000 {
		tr.write(fmt.Sprintf("src/%03d/%03d.go", i/100, i%100), "x")
	}
	if changed, err := tr.look().Succeeded(b.Context()); changed || err != nil {
		b.Fatal(changed, err)
	}
	for b.Loop() {
		a, err := tr.store.Look(b.Context(), tr.q)
		if err != nil || a.Reason != "" {
			b.Fatal(a, err)
		}
	}
}
