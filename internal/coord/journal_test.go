package coord

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// testStore returns a store with a project directory and a shared directory.
func testStore(t *testing.T) *Store {
	t.Helper()
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv(SharedDirEnv, filepath.Join(cache, "tasks")) // both variables lead to one directory, as they do for most users
	t.Setenv("HOME", t.TempDir())
	return OpenStore(t.TempDir(), "unix:///coord-test.sock")
}

// TestEntryContent: other versions read the same names and contents.
func TestEntryContent(t *testing.T) {
	for _, test := range []struct {
		entry         Entry
		name, content string
	}{
		{Entry{Kind: HostCommandEntry, ID: "0a", Owner: "o", Data: []string{"leader"}}, "commands/0a", "o\nleader\n"},
		{
			Entry{Kind: ExecCommandEntry, ID: "m", Owner: "o", Project: "shop", Data: []string{"web", "c1"}},
			"execs/m", "o\nshop\nweb\nc1\n",
		},
		{Entry{Kind: ReplacingEntry, ID: "c1", Project: "shop"}, "containers/replacing/c1", "shop"},
		{Entry{Kind: VolumesEntry, ID: "c1", Project: "shop", Data: []string{"v1", "v2"}}, "volumes/c1", "shop\nv1\nv2"},
		{Entry{Kind: DetachedEntry, ID: "c1", Project: "shop"}, "containers/left/c1", "shop"},
		{
			Entry{Kind: StartedEntry, ID: "c1", Project: "shop", Data: []string{"db", "2026-01-02T03:04:05Z"}},
			"containers/started/c1", "shop\ndb\n2026-01-02T03:04:05Z",
		},
		{
			Entry{Kind: ExecCommandEntry, ID: "m", Owner: "o", Project: "shop", Data: []string{"web", "c1"}, Engine: "e1"},
			"execs/m", "o\nshop\nweb\nc1\nengine=e1\n",
		},
		{Entry{Kind: DetachedEntry, ID: "c1", Project: "shop", Engine: "e1"}, "containers/left/c1", "shop\nengine=e1"},
	} {
		if test.entry.name() != test.name || string(test.entry.content()) != test.content {
			t.Errorf("%+v: %q with %q", test.entry, test.entry.name(), test.entry.content())
		}
		read, ok := parseEntry(test.entry.Kind, test.name, []byte(test.content))
		if !ok || read.ID != test.entry.ID || read.Owner != test.entry.Owner || read.Project != test.entry.Project ||
			read.Engine != test.entry.Engine || !slices.Equal(read.Data, test.entry.Data) {
			t.Errorf("%q is read as %+v, %t", test.content, read, ok)
		}
	}
	if e, ok := parseEntry(ExecCommandEntry, "execs/m", nil); ok {
		t.Errorf("an empty file is read as %+v", e)
	}
	if e, ok := parseEntry(ExecCommandEntry, "execs/m", []byte("o\n")); ok {
		t.Errorf("a file without a project is read as %+v", e)
	}
}

func TestContainerEntries(t *testing.T) {
	s := testStore(t)
	journal := s.Journal()
	if entries := journal.ContainerEntries(); len(entries) != 0 {
		t.Fatalf("entries %q", entries)
	}
	for _, err := range []error{
		journal.RecordReplacing("shop", "c1"), journal.RecordDetached("shop", "c2"),
		journal.RecordDetached("other", "c3"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if names, err := s.Project.NamesIfExists(containerKinds); len(names) != 0 || err != nil {
		t.Errorf("the project's directory has %q, %v; want all entries in the shared directory", names, err)
	}
	entries := journal.ContainerEntries()
	if !entries.Has(ReplacingEntry, "c1") || entries.Has(DetachedEntry, "c1") || !entries.Has(DetachedEntry, "c2") {
		t.Errorf("entries %q", entries)
	}
	journal.SweepContainers(entries, "shop", func(id string) bool { return id == "c2" })
	slices.Sort(entries)
	left := journal.ContainerEntries()
	slices.Sort(left)
	if want := (ContainerEntries{"containers/left/c2", "containers/left/c3"}); !slices.Equal(left, want) {
		t.Errorf("after the sweep %q, want %q", left, want)
	}
	if err := journal.RecordReplacing("shop", "c2"); err != nil {
		t.Fatal(err)
	}
	if err := journal.ClearReplacing("c2"); err != nil {
		t.Fatal(err)
	}
	if got := len(journal.ContainerEntries()); got != len(left) {
		t.Errorf("%d entries, want %d", got, len(left))
	}
}

func TestStartEntries(t *testing.T) {
	s := testStore(t)
	journal := s.Journal()
	at := time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)
	start := StartEntry{Project: "shop", Service: "db", ID: "c1", StartedAt: at}
	if err := journal.RecordStart(start); err != nil {
		t.Fatal(err)
	}
	// An older version without a shared directory wrote into the project's directory.
	if err := s.Project.WriteFile("containers/started/c2", []byte("shop\nweb\n2026-01-02T03:04:06Z")); err != nil {
		t.Fatal(err)
	}
	if err := s.Project.WriteFile("containers/started/c3", []byte("shop\nweb")); err != nil {
		t.Fatal(err)
	}
	starts := journal.StartEntries("shop")
	slices.SortFunc(starts, func(a, b StartEntry) int { return strings.Compare(a.ID, b.ID) })
	if len(starts) != 2 || starts[0] != start || starts[1].Service != "web" {
		t.Errorf("starts %+v", starts)
	}
	if other := journal.StartEntries("other"); len(other) != 0 {
		t.Errorf("another project has %+v", other)
	}
	if err := journal.ClearStart("c1"); err != nil {
		t.Fatal(err)
	}
	if err := journal.ClearStart("c2"); err != nil {
		t.Fatal(err)
	}
	if left := journal.StartEntries("shop"); len(left) != 0 {
		t.Errorf("left are %+v", left)
	}
}

// TestEntriesOfAnotherEngine: a run on another engine neither acts on an entry in the directory of the project nor
// removes the entry.
func TestEntriesOfAnotherEngine(t *testing.T) {
	project := t.TempDir()
	journalFor := func(address string) *Journal {
		s := OpenStore(project, address)
		return &Journal{project: s.Project, engine: s.journal.engine} // no shared directory
	}
	local, chosen := journalFor("unix:///coord-test.sock"), journalFor("ssh://builder")
	start := StartEntry{Project: "shop", Service: "db", ID: "c1", StartedAt: time.Unix(1, 0).UTC()}
	for _, err := range []error{
		local.RecordDetached("shop", "c1"), local.RecordStart(start), local.RecordVolumes("shop", "c1", []string{"v1"}),
		local.project.WriteCache("containers/left/c2", []byte("shop")), // of an older version
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	chosen.SweepContainers(chosen.ContainerEntries(), "shop", func(string) bool { return false })
	if starts, volumes := chosen.StartEntries("shop"), chosen.VolumeEntries(); len(starts)+len(volumes) > 0 {
		t.Errorf("the other engine has %+v and %+v", starts, volumes)
	}
	entries := local.ContainerEntries()
	slices.Sort(entries)
	if want := (ContainerEntries{"containers/left/c1", "containers/started/c1"}); !slices.Equal(entries, want) {
		t.Errorf("after the sweep %q, want %q", entries, want)
	}
	if starts := local.StartEntries("shop"); len(starts) != 1 || starts[0] != start {
		t.Errorf("starts %+v, want %+v", starts, start)
	}
	volumes := local.VolumeEntries()
	if len(volumes) != 1 || !slices.Equal(volumes[0].Data, []string{"v1"}) {
		t.Errorf("volumes %+v", volumes)
	}
}
