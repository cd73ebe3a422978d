package workspace

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const globTasks = `
task "a" {
  command = ["true"]
  inputs  = ["src", "nope/*", "4913", "gen/x", "dist"]
  outputs = ["dist/", ".git/x"]
  watch {
    paths  = ["src/**", "sorc", "x.log", "skip/a", "*.py~"]
    ignore = ["skip", "docs/**", "**/*.tmp"]
  }
}

task "b" {
  command = ["true"]
  inputs  = ["Tasks.hcl", "x.log"]
  outputs = ["gen"]
}

task "base" {
  inputs = ["later"]
}

task "c" {
  extends = [task.base]
  command = ["true"]
}
`

// Each useless glob is a warning at its place. Files of other tasks, and files that git ignores, are inputs all the same.
func TestUselessGlobs(t *testing.T) {
	ws := openFiles(t, map[string]string{
		"Tasks.hcl": globTasks, "src/a": "", "skip/a": "", "x.log": "", ".gitignore": "*.log\n", "dist/out": "", "4913": "",
	})
	var got []string
	for _, d := range ws.Validate() {
		attribute, _, _ := strings.Cut(d.Summary, " of task")
		got = append(got, fmt.Sprintf("%d:%d %s", d.Subject.Start.Line, d.Subject.Start.Column, attribute))
	}
	want := []string{
		`4:21 inputs`, `4:31 inputs`, `4:48 inputs`, `5:23 outputs`, `7:25 paths`, `7:33 paths`, `7:42 paths`, `7:52 paths`,
		`8:23 ignore`, `19:13 inputs`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
