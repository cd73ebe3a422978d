package coord

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestFileNames(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	long := "commands/" + strings.Repeat("long", 100)
	for _, name := range []string{"commands/12", "commands/Ä b%", "other/1", long} {
		if err := d.WriteCache(name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	names, err := d.FileNames("commands/")
	slices.Sort(names)
	if want := []string{"commands/12", "commands/Ä b%"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("names %q, %v; want %q", names, err, want)
	}
	if peeked, err := d.NamesIfExists("commands/"); err != nil || len(peeked) != len(names) {
		t.Errorf("peeked at %q, %v", peeked, err)
	}
	if content, err := d.ReadFile("commands/12"); err != nil || string(content) != "x" {
		t.Errorf("read %q, %v", content, err)
	}
	if err := d.RemoveFile("commands/12"); err != nil {
		t.Fatal(err)
	}
	if names, _ := d.FileNames("commands/1"); len(names) != 0 {
		t.Errorf("after its removal: %q", names)
	}
}

func TestNamesIfExistsCreatesNothing(t *testing.T) {
	project := t.TempDir()
	if names, err := OpenProjectDir(project).NamesIfExists("commands/"); len(names) != 0 || err != nil {
		t.Errorf("names %q, %v", names, err)
	}
	if made, _ := os.ReadDir(project); len(made) != 0 {
		t.Errorf("made %v", made)
	}
}
