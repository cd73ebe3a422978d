//go:build unix

package commands_test

import (
	"slices"
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

const matrixTasks = `
task "say" {
  image   = "@image"
  command = ["sh", "-c", "echo ${arg.what} ${matrix.n} $X; exit ${arg.code}"]
  env     = { X = "${self.name}/${matrix.n}" }
  allow_failure = [7]

  matrix = {
    n = [1, "two words"]
  }

  arg "what" {
  }

  arg "code" {
    type    = number
    default = 0
  }
}

task "both" {
  image   = "@image"
  command = ["sh", "-c", "echo both"]

  depends {
    task = task["say@n=1"]
    args = ["from both"]
  }

  depends {
    task = task["say@n=1"]
    args = ["again", 7]
  }
}
`

// TestTaskRunsInContainers: runs of one task are containers of their own, in parallel, under a name that the engine takes.
func TestTaskRunsInContainers(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", matrixTasks)
	lines := strings.Split(strings.TrimSpace(a.Ok("run", "say", "hello")), "\n")
	slices.Sort(lines)
	if want := []string{"say@n=1 | hello 1 say/1", "say@n=two words | hello two words say/two words"}; !slices.Equal(lines, want) {
		t.Errorf("%q; want %q", lines, want)
	}
	if got := a.Ok("run", "say@n=two words", "x", "7"); got != "x two words say/two words\n" {
		t.Errorf("%q", got)
	}
	r := a.Tasks("run", "both")
	if r.Code != 0 || r.Stdout != "both\n" {
		t.Errorf("code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	for _, want := range []string{"say@n=1('from both') | from both 1 say/1", "say@n=1(again 7) | again 1 say/1", "exit code 7 (allowed by allow_failure)"} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("stderr lacks %q:\n%s", want, r.Stderr)
		}
	}
	if r := a.Tasks("run", "say", "x", "3"); r.Code != 3 {
		t.Errorf("code %d, want that of the command", r.Code)
	}
	if r := a.Tasks("run", "say@n=1", "x", "0", ":::", "say@n=1", "y", "4", ":::", "both"); r.Code != 4 || strings.Contains(r.Stdout, "both") {
		t.Errorf("code %d, stdout %q", r.Code, r.Stdout)
	}
}
