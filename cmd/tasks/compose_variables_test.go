package main

import (
	"os"
	"strings"
	"testing"

	"tasks/internal/view"
	"tasks/internal/workspace"
)

// TestComposeVariables: Compose's variables are defaults of flags. Wrong values matter only where they act.
func TestComposeVariables(t *testing.T) {
	for _, test := range []struct {
		args, environ          string
		progress, color, error string
		jobs                   int
	}{
		{args: "run x"},
		{args: "run x", environ: "COMPOSE_PROGRESS=plain", progress: "plain"},
		{args: "once x", environ: "COMPOSE_PROGRESS=quiet", progress: "quiet"},
		{args: "watch x", environ: "COMPOSE_PROGRESS=none", progress: "quiet"},
		{args: "run x", environ: "COMPOSE_PROGRESS=json", progress: "plain"},
		{args: "run x", environ: "COMPOSE_PROGRESS=tty", progress: "auto"}, // no terminal
		{args: "run --progress quiet x", environ: "COMPOSE_PROGRESS=plain", progress: "quiet"},
		{args: "run -q x", environ: "COMPOSE_PROGRESS=plain"},
		{args: "run --verbose x", environ: "COMPOSE_PROGRESS=quiet"},
		{args: "run x", environ: "COMPOSE_PROGRESS=plian", error: `COMPOSE_PROGRESS must be one of auto, tty, plain, quiet, not "plian". Did you mean "plain"?`},
		{args: "list", environ: "COMPOSE_PROGRESS=plian"},
		{args: "run x", environ: "COMPOSE_ANSI=never", progress: "plain", color: "never"},
		{args: "list", environ: "COMPOSE_ANSI=never", progress: "plain", color: "never"},
		{args: "run x", environ: "COMPOSE_ANSI=always", color: "always"},
		{args: "run x", environ: "COMPOSE_ANSI=always NO_COLOR=1"},
		{args: "run x", environ: "COMPOSE_ANSI=auto"},
		{args: "run --color always x", environ: "COMPOSE_ANSI=never", color: "always"},
		{args: "run x", environ: "COMPOSE_ANSI=nevr", error: "COMPOSE_ANSI must be one of"},
		{args: "run x", environ: "COMPOSE_ANSI=never COMPOSE_PROGRESS=quiet", progress: "quiet", color: "never"},
		{args: "run x", environ: "COMPOSE_PARALLEL_LIMIT=3", jobs: 3},
		{args: "run x", environ: "COMPOSE_PARALLEL_LIMIT=-1"},
		{args: "run -j 5 x", environ: "COMPOSE_PARALLEL_LIMIT=3", jobs: 5},
		{args: "run x", environ: "COMPOSE_PARALLEL_LIMIT=many", error: "COMPOSE_PARALLEL_LIMIT=many: it is a number"},
		{args: "list", environ: "COMPOSE_PARALLEL_LIMIT=many"},
	} {
		null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		env := workspace.Environment{Environ: strings.Fields(test.environ), WorkingDir: t.TempDir(), Version: "test"}
		a := makeApp(env, null, view.NewPrinter(null, null, null))
		root := newRootCommand(a)
		cmd, rest, err := root.Find(strings.Fields(test.args))
		if err == nil {
			err = cmd.ParseFlags(rest)
		}
		if err == nil {
			err = a.applyComposeVariables(cmd)
		}
		text := ""
		if err != nil {
			text = err.Error()
		}
		if !strings.HasPrefix(text, test.error) || test.error == "" && text != "" {
			t.Errorf("%s %s: error %q, want %q", test.environ, test.args, text, test.error)
		}
		if test.error == "" {
			got := []any{a.flags.progress, a.flags.color, a.flags.jobs}
			want := []any{orDefault(test.progress), orDefault(test.color), test.jobs}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("%s %s: %v, want %v", test.environ, test.args, got, want)
				}
			}
		}
		null.Close()
	}
}

func orDefault(value string) string {
	if value == "" {
		return "auto"
	}
	return value
}
