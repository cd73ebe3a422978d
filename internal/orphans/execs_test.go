package orphans

import (
	"slices"
	"testing"

	"tasks/internal/owner"
	"tasks/internal/state"
)

func TestCommandsInContainers(t *testing.T) {
	self, ok := owner.Self()
	if !ok {
		t.Skip("SKIPPED, NOT TESTED: this system does not tell who a process is")
	}
	dir := state.Open(t.TempDir())
	notes := Of(dir)
	mine := Exec{Project: "shop", Service: "web", Container: "c1", Mark: "aaaa"}
	ended := notes.Executing(mine)
	dead := self
	dead.Start = "1"
	theirs := Exec{Project: "shop", Service: "db", Container: "c2", Mark: "bbbb"}
	for name, content := range map[string]string{
		"bbbb": dead.String() + "\nshop\ndb\nc2\n",
		"cccc": "", // just being written, or taken away
	} {
		if err := dir.Jot(execPrefix+name, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	left := func() []Exec {
		t.Helper()
		left, err := notes.Executed()
		if err != nil {
			t.Error(err)
		}
		return left
	}
	if got := left(); !slices.Equal(got, []Exec{theirs}) {
		t.Errorf("left are %+v, want that of the dead alone", got)
	}
	if ended, err := notes.End(); ended != 0 || err != nil {
		t.Errorf("%d of them were taken for commands of the host, error %v", ended, err)
	}
	notes.Forget(theirs)
	if got := left(); got != nil {
		t.Errorf("forgotten, %+v are left", got)
	}
	ended()
	ended()
	names, _ := dir.Names(execPrefix)
	if !slices.Equal(names, []string{execPrefix + "cccc"}) {
		t.Errorf("notes %q, want that of the living gone with it", names)
	}
}
