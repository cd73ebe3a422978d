package coord

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestOrphanedExecs(t *testing.T) {
	self, ok := CurrentOwner()
	if !ok {
		t.Skip("SKIPPED, NOT TESTED: this system does not tell who a process is")
	}
	dir := OpenProjectDir(t.TempDir())
	notes := journalIn(dir)
	mine := ExecEntry{Project: "shop", Service: "web", Container: "c1", Mark: "aaaa"}
	ended := notes.RecordExec(mine)
	dead := self
	dead.Start = "1"
	theirs := ExecEntry{Project: "shop", Service: "db", Container: "c2", Mark: "bbbb"}
	for name, content := range map[string]string{
		"bbbb": dead.String() + "\nshop\ndb\nc2\n",
		"cccc": "", // just being written, or taken away
	} {
		if err := dir.WriteCache(string(ExecCommandEntry)+name, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	left := func() []ExecEntry {
		t.Helper()
		left, err := notes.OrphanedExecs()
		if err != nil {
			t.Error(err)
		}
		return left
	}
	if got := left(); !slices.Equal(got, []ExecEntry{theirs}) {
		t.Errorf("left are %+v, want that of the dead alone", got)
	}
	if ended, err := notes.KillOrphans(); ended != 0 || err != nil {
		t.Errorf("%d of them were taken for commands of the host, error %v", ended, err)
	}
	notes.RemoveExec(theirs)
	if got := left(); got != nil {
		t.Errorf("forgotten, %+v are left", got)
	}
	ended()
	ended()
	names, _ := dir.FileNames(string(ExecCommandEntry))
	if !slices.Equal(names, []string{string(ExecCommandEntry) + "cccc"}) {
		t.Errorf("notes %q, want that of the living gone with it", names)
	}
}

// TestCommandsBeforeTheStart: those of another start count as dead where the note is older than this start of the machine.
// The note may else be of another machine of this name.
func TestCommandsBeforeTheStart(t *testing.T) {
	self, ok := CurrentOwner()
	if !ok {
		t.Skip("SKIPPED, NOT TESTED: this system does not tell who a process is")
	}
	dir := OpenProjectDir(t.TempDir())
	before := self
	before.Boot = "before"
	if err := dir.WriteCache(string(ExecCommandEntry)+"aaaa", []byte(before.String()+"\nshop\ndb\nc2\n")); err != nil {
		t.Fatal(err)
	}
	if left, err := journalIn(dir).OrphanedExecs(); len(left) != 0 || err != nil {
		t.Errorf("a note of this moment is of a dead one: %+v, %v", left, err)
	}
	path, _ := dir.Path()
	long := time.Now().Add(-20 * 365 * 24 * time.Hour)
	if err := os.Chtimes(filepath.Join(path, "data-execs%2faaaa"), long, long); err != nil {
		t.Fatal(err)
	}
	want := 0
	if self.Machine != "" {
		want = 1
	}
	if left, err := journalIn(dir).OrphanedExecs(); len(left) != want || err != nil {
		t.Errorf("left are %+v, %v; want %d", left, err, want)
	}
}
