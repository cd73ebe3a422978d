package fingerprint

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tasks/internal/coord"
)

// testTree is a directory with a task's files, and a store.
type testTree struct {
	t     testing.TB
	dir   string
	store *Store
	q     Request
}

func newTree(t testing.TB, files ...string) *testTree {
	t.Helper()
	dir := t.TempDir()
	tr := &testTree{t: t, dir: dir, store: New(coord.OpenProjectDir(dir)), q: Request{Key: "app/build", Dir: dir, Inputs: []string{"src/**"}, Parts: map[string]string{"the command": "make"}}}
	for _, name := range files {
		tr.write(name, "content of "+name)
	}
	return tr
}

// write writes a file with an old time, so the file is settled.
func (tr *testTree) write(name, content string) {
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

func (tr *testTree) check() *Comparison {
	tr.t.Helper()
	a, err := tr.store.Check(tr.t.Context(), tr.q)
	if err != nil {
		tr.t.Fatal(err)
	}
	return a
}

func (tr *testTree) succeed() {
	tr.t.Helper()
	if changed, err := tr.check().Succeeded(tr.t.Context()); changed || err != nil {
		tr.t.Fatalf("changed %v, %v", changed, err)
	}
}

func (tr *testTree) wantReason(want string) {
	tr.t.Helper()
	if got := tr.check().Reason; got != want {
		tr.t.Errorf("reason %q, want %q", got, want)
	}
}

func TestReasons(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*testTree)
		want   string
	}{
		"nothing":           {func(*testTree) {}, ""},
		"content":           {func(tr *testTree) { tr.write("src/a.go", "another one") }, "input src/a.go differs"},
		"same length":       {func(tr *testTree) { tr.write("src/a.go", "content of src/A.go") }, "input src/a.go differs"},
		"time alone":        {func(tr *testTree) { tr.write("src/a.go", "content of src/a.go") }, ""},
		"new file":          {func(tr *testTree) { tr.write("src/deep/c.go", "") }, "input src/deep/c.go is new"},
		"file gone":         {func(tr *testTree) { _ = os.Remove(filepath.Join(tr.dir, "src/a.go")) }, "input src/a.go is gone"},
		"executable":        {func(tr *testTree) { _ = os.Chmod(filepath.Join(tr.dir, "src/a.go"), 0o755) }, "input src/a.go differs"},
		"no files any more": {func(tr *testTree) { _ = os.RemoveAll(filepath.Join(tr.dir, "src")) }, "no file matches its inputs"},
		"elsewhere":         {func(tr *testTree) { tr.write("other/x", "x") }, ""},
		"state and git":     {func(tr *testTree) { tr.write("src/.git/x", "x"); tr.write("src/.tasks/x", "x") }, ""},
		"command":           {func(tr *testTree) { tr.q.Parts = map[string]string{"the command": "ninja"} }, "the command differs"},
		"part gone":         {func(tr *testTree) { tr.q.Parts = nil }, "the command is gone"},
		"part new":          {func(tr *testTree) { tr.q.Parts = map[string]string{"the command": "make", "volume db": "1"} }, "volume db is new"},
		"another task":      {func(tr *testTree) { tr.q.Key = "app/other" }, "it never succeeded"},
		"output missing":    {func(tr *testTree) { tr.q.Outputs = []string{"dist/*"} }, "output dist/* is missing"},
		"output stands":     {func(tr *testTree) { tr.write("dist/app", "x"); tr.q.Outputs = []string{"dist/*"} }, ""},
		"output differs": {func(tr *testTree) {
			tr.q.Inputs, tr.q.Outputs = []string{"."}, []string{"dist"}
			tr.write("dist/app", "x")
			tr.succeed()
			tr.write("dist/app", "y")
		}, ""},
		"broken record": {func(tr *testTree) { _ = tr.store.files.WritePrivate(tr.q.fingerprintFile(), []byte("x")) }, "it never succeeded"},
		"broken listing": {func(tr *testTree) {
			_ = tr.store.files.WritePrivate(tr.q.listingFile(), []byte(listingVersion+"\xff\xff"))
		}, ""},
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

// A file with the same state is not hashed again, except a young file.
func TestOnlyChangedFilesAreRead(t *testing.T) {
	// The order of directories differs from the order of names here.
	tr := newTree(t, "src/a.go", "src/b.go", "src/a/x.go", "src/a-b/x.go", "src/a/y/z.go")
	tr.succeed()
	if a := tr.check(); !a.isListingChanged {
		t.Error("files with a time of a moment ago were not read again")
	}
	tr.store.now = func() time.Time { return time.Now().Add(time.Hour) }
	tr.succeed()
	a := tr.check()
	if a.isListingChanged {
		t.Error("files were read that had not changed")
	}
	tr.store.now = func() time.Time { return time.Now().Add(-time.Hour) }
	tr.write("src/a.go", "young")
	if err := tr.check().Remember(); err != nil {
		t.Fatal(err)
	}
	if a := tr.check(); !a.isListingChanged {
		t.Error("a file that was just written was not read again")
	}
}

func TestChangeDuringTheRun(t *testing.T) {
	tr := newTree(t, "src/a.go")
	tr.succeed()
	tr.write("src/a.go", "1")
	a := tr.check()
	tr.write("src/a.go", "2")
	if changed, err := a.Succeeded(t.Context()); !changed || err != nil {
		t.Errorf("changed %v, %v", changed, err)
	}
	tr.wantReason("an input changed during its last run")
}

// A file changed back had another content in between, and the content that the run read is unknown.
func TestChangeAndBackDuringTheRun(t *testing.T) {
	tr := newTree(t, "src/a.go")
	a := tr.check()
	time.Sleep(20 * time.Millisecond) // beyond the resolution of the file system's clock
	tr.write("src/a.go", "2")
	tr.write("src/a.go", "content of src/a.go")
	if changed, err := a.Succeeded(t.Context()); !changed || err != nil {
		t.Errorf("changed %v, %v", changed, err)
	}
	tr.wantReason("an input changed during its last run")
}

// A success holds until the next run begins, because a run may change all outputs.
func TestInvalidate(t *testing.T) {
	tr := newTree(t, "src/a.go")
	tr.succeed()
	tr.wantReason("")
	if err := tr.store.Invalidate(tr.q.Key); err != nil {
		t.Fatal(err)
	}
	tr.wantReason("its last run failed")
	tr.succeed()
	tr.wantReason("")
}

// Check changes nothing, because `tasks plan` checks too.
func TestCheckWritesNothing(t *testing.T) {
	tr := newTree(t, "src/a.go")
	files := &countingFiles{Files: tr.store.files}
	tr.store = New(files)
	tr.check()
	if files.written != 0 {
		t.Errorf("%d files were written", files.written)
	}
}

type countingFiles struct {
	Files
	written int
}

func (c *countingFiles) WritePrivate(name string, content []byte) error {
	c.written++
	return c.Files.WritePrivate(name, content)
}

func TestNoSecretIsKept(t *testing.T) {
	tr := newTree(t, "src/a.go")
	tr.q.Parts = map[string]string{"the environment": "TOKEN=hunter2"}
	tr.succeed()
	content, err := tr.store.files.ReadFile(tr.q.fingerprintFile())
	if err != nil || len(content) == 0 || strings.Contains(string(content), "hunter2") {
		t.Errorf("%q, %v", content, err)
	}
}

func TestCancelled(t *testing.T) {
	tr := newTree(t, "src/a.go")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tr.store.Check(ctx, tr.q); err == nil {
		t.Error("a look went on after the end")
	}
}

func FuzzListing(f *testing.F) {
	f.Add([]byte(listingVersion))
	f.Add(listing{{name: "a", state: fileState{size: -1, inode: 1 << 63, isExecutable: true}}}.encode())
	f.Fuzz(func(t *testing.T, content []byte) {
		l := decodeListing(content)
		if again := decodeListing(l.encode()); len(l) != len(again) {
			t.Errorf("%d entries became %d", len(l), len(again))
		}
	})
}

// BenchmarkUnchanged checks 100,000 unchanged files.
func BenchmarkUnchanged(b *testing.B) {
	tr := newTree(b)
	for i := range 100_000 {
		tr.write(fmt.Sprintf("src/%03d/%03d.go", i/100, i%100), "x")
	}
	if changed, err := tr.check().Succeeded(b.Context()); changed || err != nil {
		b.Fatal(changed, err)
	}
	for b.Loop() {
		a, err := tr.store.Check(b.Context(), tr.q)
		if err != nil || a.Reason != "" {
			b.Fatal(a, err)
		}
	}
}
