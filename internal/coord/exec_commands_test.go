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
		"cccc": "", // during a write, or a removal
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
		t.Errorf("orphaned are %+v, want the command of the dead process alone", got)
	}
	if ended, err := notes.KillOrphans(); ended != 0 || err != nil {
		t.Errorf("%d commands in containers count as commands on the host, error %v", ended, err)
	}
	notes.RemoveExec(theirs)
	if got := left(); got != nil {
		t.Errorf("after the removal %+v are orphaned", got)
	}
	ended()
	ended()
	names, _ := dir.FileNames(string(ExecCommandEntry))
	if !slices.Equal(names, []string{string(ExecCommandEntry) + "cccc"}) {
		t.Errorf("entries %q, want no entry of the ended command", names)
	}
}

// TestOrphanedExecOfAnotherEngine: only the engine with the container can end the command.
func TestOrphanedExecOfAnotherEngine(t *testing.T) {
	self, ok := CurrentOwner()
	if !ok {
		t.Skip("SKIPPED, NOT TESTED: this system does not tell who a process is")
	}
	project := t.TempDir()
	local, chosen := OpenStore(project, "unix:///a.sock").Journal(), OpenStore(project, "ssh://b").Journal()
	dead := self
	dead.Start = "1"
	local.self = func() (Owner, bool) { return dead, true }
	local.RecordExec(ExecEntry{Project: "shop", Service: "web", Container: "c1", Mark: "aaaa"})
	local.self = chosen.self
	for journal, want := range map[*Journal]int{local: 1, chosen: 0, OpenStore(project, "").Journal(): 1} {
		if found, err := journal.OrphanedExecs(); len(found) != want || err != nil {
			t.Errorf("engine %q: %+v, %v; want %d", journal.engine, found, err, want)
		}
	}
}

// TestCommandsBeforeTheStart: a command from another start is dead if the entry is older than this start of
// the machine. A younger entry may be from another machine with the same name.
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
		t.Errorf("a new entry is from a dead process: %+v, %v", left, err)
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
