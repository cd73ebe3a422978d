package hclspec

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"tasks/internal/view/diagnostics"
)

// TestWrongFilesAsJSON: each archive of testdata/wrong has beside it the records of its diagnostics, as JSON. Run with
// -update to write them.
func TestWrongFilesAsJSON(t *testing.T) {
	eachWrong(t, func(t *testing.T, path string, archive *txtar.Archive) {
		c := readWrong(path, archive)
		_, diags := c.diagnostics(t)
		records := diagnostics.NewDocuments(diags)
		for _, r := range records {
			c.checkDocument(t, r)
		}
		compareJSON(t, strings.TrimSuffix(path, ".txtar")+".json", records)
	})
}

// compareJSON compares a value with a golden file, and with -update writes it there.
func compareJSON(t *testing.T, golden string, value any) {
	t.Helper()
	got, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%s is missing: run with -update", golden)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestNoGoldenWithoutAnArchive: what the test above compares with is read by it.
func TestNoGoldenWithoutAnArchive(t *testing.T) {
	records, err := filepath.Glob("testdata/wrong/*.json")
	if err != nil || len(records) < 150 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for _, path := range records {
		if _, err := os.Stat(strings.TrimSuffix(path, ".json") + ".txtar"); err != nil {
			t.Error(err)
		}
	}
}

// checkDocument wants in the record what the detail says in words: each suggestion, and each place in one of the files.
func (c wrongCase) checkDocument(t *testing.T, r diagnostics.Document) {
	t.Helper()
	if strings.Contains(strings.ToLower(r.Detail), "did you mean") != (r.Suggestion != "") {
		t.Errorf("the suggestion of %q is %q", r.Detail, r.Suggestion)
	}
	named := 0
	for _, file := range c.files {
		named += len(regexp.MustCompile(`(?:^|[\s(])`+regexp.QuoteMeta(file.Name)+`:\d+[:,]\d+`).FindAllString(r.Detail, -1))
	}
	if len(r.Related) != named {
		t.Errorf("%q names %d places, related are %v", r.Detail, named, r.Related)
	}
	for _, place := range r.Related {
		text := c.text(place.File)
		before := text[:place.Start.Byte]
		if line := strings.Count(before, "\n") + 1; line != place.Start.Line || place.Start.Byte > len(text) {
			t.Errorf("%s:%d:%d is byte %d, which is in line %d", place.File, place.Start.Line, place.Start.Column, place.Start.Byte, line)
		}
	}
}

func (c wrongCase) text(name string) string {
	for _, file := range c.files {
		if file.Name == name {
			return string(file.Data)
		}
	}
	return ""
}
