//go:build unix

package docs

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

func TestMain(m *testing.M) { apptest.Main(m, nil) }

// block is a fenced block of a page. file is the name of the file that the text before names: Write `NAME`.
type block struct{ language, file, text string }

// readBlocks returns the fenced blocks of a page.
func readBlocks(t *testing.T, page string) []block {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	fence := regexp.MustCompile("(?s)(.*?)\n```([a-z]+)\n(.*?)\n```\n")
	fileName := regexp.MustCompile("(?s)[Ww]rite\\s`([^`]+)`")
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		b := block{language: m[2], text: m[3]}
		if names := fileName.FindAllStringSubmatch(m[1], -1); len(names) > 0 {
			b.file = names[len(names)-1][1]
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// reader does what a page says.
type reader struct {
	*testing.T
	app *apptest.App
	// watch is the running watch, seen the number of bytes of its output that earlier blocks have shown.
	watch *apptest.Process
	seen  int
}

// TestTutorial does everything that the tutorial says, with the image of PostgreSQL of examples/postgres.
func TestTutorial(t *testing.T) {
	app := apptest.NewApp(t, "services: {}", "")
	requirePostgres(t, app)
	app.RemoveFile("Tasks.hcl")
	r := &reader{T: t, app: app}
	commands := 0
	for _, b := range readBlocks(t, "tutorial.md") {
		switch {
		case b.language == "console":
			r.endWatch()
			commands += r.runCommands(b.text)
		case b.language == "text":
			r.expectWatchOutput(b.text)
		case b.file == "":
			t.Fatalf("no name of a file before the block:\n%s", b.text)
		default:
			app.Write(b.file, r.translate(b.text)+"\n")
		}
	}
	r.endWatch()
	if commands < 9 {
		t.Errorf("only %d commands", commands)
	}
}

// requirePostgres skips the test without the image of PostgreSQL. In CI the test fails.
func requirePostgres(t *testing.T, app *apptest.App) {
	t.Helper()
	_, err := app.Engine.ImageInspect(t.Context(), "tasks-example-postgres")
	switch {
	case err == nil:
	case os.Getenv("CI") == "":
		t.Skipf("SKIPPED, NOT TESTED: there is no image of PostgreSQL: `.ci/run postgres` makes it (%v)", err)
	default:
		t.Fatalf("there is no image of PostgreSQL: `.ci/run postgres` makes it (%v)", err)
	}
}

// translate replaces the names of the page by those of the test.
func (r *reader) translate(text string) string {
	return strings.NewReplacer(
		"postgres:17", "tasks-example-postgres", "name: shop", "name: "+r.app.Project, "shop_default", r.app.Project+"_default",
		"shop-db-1", r.app.Project+"-db-1",
	).Replace(text)
}

// runCommands runs the commands of a block, and compares their output. A watch keeps running.
func (r *reader) runCommands(text string) int {
	r.Helper()
	calls := strings.Split("\n"+text, "\n$ ")[1:]
	for _, call := range calls {
		command, output, _ := strings.Cut(call, "\n")
		cmd := exec.CommandContext(r.Context(), "sh", "-c", "exec "+command+" 2>&1")
		cmd.Dir, cmd.Env = r.app.Dir, r.app.Env
		process := r.app.Launch(cmd)
		if strings.HasPrefix(command, "tasks watch") {
			r.watch = process
			r.expectWatchOutput(output)
			continue
		}
		got := process.Wait().Stdout
		if !matches(r.translate(output), got) {
			r.Errorf("$ %s\nwant\n%s\n\ngot\n%s", command, output, got)
		}
	}
	return len(calls)
}

// expectWatchOutput waits until the watch has printed the lines.
func (r *reader) expectWatchOutput(text string) {
	r.Helper()
	if r.watch == nil {
		r.Fatalf("no watch runs before the output\n%s", text)
	}
	want := "...\n" + r.translate(text) + "\n..."
	rest := func() string { return r.watch.Stdout.String()[r.seen:] }
	isIdle := func() bool { return strings.Contains(rest(), apptest.WatchIdleText) }
	apptest.Eventually(r.T, text, func() bool { return matches(want, rest()) && isIdle() }, rest)
	r.seen += len(rest())
}

// endWatch presses Ctrl-C.
func (r *reader) endWatch() {
	r.Helper()
	if r.watch == nil {
		return
	}
	r.watch.Signal(syscall.SIGINT)
	if result := r.watch.Wait(); result.Code != 0 {
		r.Errorf("the watch has ended with %d\n%s", result.Code, result.Stdout)
	}
	r.watch, r.seen = nil, 0
}

// matches reports whether a text has the wanted lines and no others. "..." stands for any lines, or for the rest of a
// line. Durations may differ.
func matches(want, got string) bool {
	var pattern strings.Builder
	for _, line := range strings.Split(want, "\n") {
		if line == "..." {
			pattern.WriteString(`(?:.*\n)*?`)
			continue
		}
		quoted := regexp.QuoteMeta(line)
		quoted = duration.ReplaceAllString(quoted, `[0-9.]+ m?s`)
		if strings.HasSuffix(quoted, ` \.\.\.`) {
			quoted = strings.TrimSuffix(quoted, ` \.\.\.`) + ".*"
		}
		pattern.WriteString(quoted + `\n`)
	}
	return regexp.MustCompile(`^` + pattern.String() + `$`).MatchString(strings.TrimRight(got, "\n") + "\n")
}

// duration is a quoted duration.
var duration = regexp.MustCompile(`[0-9]+(\\\.[0-9]+)? m?s\b`)

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		want, got string
		ok        bool
	}{
		{"a\nb", "a\nb\n", true},
		{"a\nb", "a\nb\nc\n", false},
		{"...\nb", "a\nb\n", true},
		{"...\nb", "a\nbc\n", false},
		{"a ...\n...", "a b c\nd\ne\n", true},
		{"a (0.5 s)", "a (1.25 s)", true},
		{"a (0.5 s)", "a (x s)", false},
		{"a.c", "abc", false},
	} {
		if matches(c.want, c.got) != c.ok {
			t.Errorf("%q, %q: %t", c.want, c.got, !c.ok)
		}
	}
}
