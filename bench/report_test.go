package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the page of testdata")

func TestPage(t *testing.T) {
	m := machine{
		date: time.Date(2026, 11, 23, 15, 4, 5, 0, time.UTC), system: "linux/amd64", goVersion: "go1.26.8", cores: 2,
		engine: "20.10.24 (API 1.41)", commit: "0123456789ab", loadBefore: "0.10", loadAfter: "0.20",
	}
	tables := []table{
		{
			title: "One-off", base: "raw", how: "The base is raw.", metric: wall,
			rows: []row{
				{name: "tasks run", pairs: []pair{{sample{wall: ms(100)}, sample{wall: ms(105)}}, {sample{wall: ms(200)}, sample{wall: ms(220)}}}},
				{name: "slow", note: "takes long", pairs: []pair{{sample{wall: ms(5)}, sample{wall: ms(1500)}}}},
			},
		},
		{
			title: "Heavy", base: "raw", how: "Memory counts too.", metric: wall,
			rows: []row{
				{name: "tasks run", memory: 40<<20 + 1, pairs: []pair{{sample{wall: ms(100)}, sample{wall: ms(105)}}}},
				{name: "not asked", pairs: []pair{{sample{wall: ms(5)}, sample{wall: ms(5)}}}},
			},
		},
		{
			title: "Tail", base: "raw", how: "The slowest count.", metric: wall, hasTail: true,
			rows: []row{{name: "tasks watch", pairs: []pair{{sample{wall: ms(100)}, sample{wall: ms(20)}}, {sample{wall: ms(100)}, sample{wall: ms(60)}}}}},
		},
		{title: "Empty", base: "raw", how: "No program worked.", metric: cpu},
	}
	got := page(m, 2, tables, []missingResult{{"just", "no just in PATH"}})
	path := filepath.Join("testdata", "page.md")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), got); diff != "" {
		t.Errorf("-golden +got:\n%s", diff)
	}
}

func TestPageSaysThatNothingIsMissing(t *testing.T) {
	got := page(machine{}, 15, nil, nil)
	for _, want := range []string{"Nothing was missing.\n", "| engine  | not asked"} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q:\n%s", want, got)
		}
	}
}

func TestFigures(t *testing.T) {
	tests := []struct{ got, want string }{
		{ratio(1.0449), "1.04 ×"}, {ratio(9.999), "10.00 ×"}, {ratio(32.56), "32.6 ×"},
		{duration(0.44), "0.4 ms"}, {duration(9.94), "9.9 ms"}, {duration(10.4), "10 ms"}, {duration(999.4), "999 ms"}, {duration(11340), "11.34 s"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("got %s, want %s", test.got, test.want)
		}
	}
}

func TestGridAlignsByCharacters(t *testing.T) {
	var w strings.Builder
	grid(&w, [][]string{{"×", "b"}, {"long cell", ""}}, []string{"a", "header"})
	want := "| a         | header |\n| --------- | ------ |\n| ×         | b      |\n| long cell |        |\n"
	if diff := cmp.Diff(want, w.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
