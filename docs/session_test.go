//go:build unix

package docs

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"tasks/internal/testing/apptest"
	"tasks/internal/testing/recording"
	"tasks/internal/toolbox"
)

var update = flag.Bool("update", false, "record the session of README.md again")

// Files of the session.
const (
	scriptFile  = "session/script.txt"
	castFile    = "session/once.cast"
	pictureFile = "session/once.svg"
)

// pageProject is the project of README.md, and of no other test.
const pageProject = "shop"

const sessionRows, sessionColumns = 24, 104

// player plays the script at a terminal, and records.
type player struct {
	*testing.T
	app   *apptest.App
	start time.Time

	mu   sync.Mutex
	cast recording.Cast
	// skipped is time of the recording that the player has not waited: typing and pauses.
	skipped time.Duration
	// seen is the number of bytes of output before the last act.
	seen int
	all  strings.Builder
}

// print records output.
func (p *player) print(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all.WriteString(text)
	at := (time.Since(p.start) + p.skipped).Round(time.Millisecond)
	p.cast.Events = append(p.cast.Events, recording.Event{At: at, Text: text})
}

// pause lets time pass in the recording.
func (p *player) pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.skipped += d
}

// output is the output since the last act.
func (p *player) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all.String()[p.seen:]
}

func (p *player) act() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = p.all.Len()
}

// play runs a command at the terminal, with the acts of the script.
func (p *player) play(command string, acts []string) {
	p.Helper()
	p.print("$ ")
	p.pause(500 * time.Millisecond)
	for _, key := range command {
		p.print(string(key))
		p.pause(40 * time.Millisecond)
	}
	p.pause(300 * time.Millisecond)
	p.print("\r\n")
	cmd := exec.CommandContext(p.Context(), "sh", "-c", "exec "+command)
	cmd.Dir, cmd.Env = p.app.Dir, append(p.app.Env, "TERM=xterm-256color", "COLUMNS=", "LINES=")
	p.act()
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: sessionRows, Cols: sessionColumns})
	if err != nil {
		p.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		text := make([]byte, 32<<10)
		for {
			n, err := terminal.Read(text)
			p.print(string(text[:n]))
			if err != nil {
				return // EIO: no process has the terminal
			}
		}
	}()
	for _, act := range acts {
		p.perform(terminal, act)
	}
	if err := cmd.Wait(); err != nil {
		p.Errorf("%s: %v\n%s", command, err, p.output())
	}
	<-read
	terminal.Close()
}

// perform performs an act while a command runs.
func (p *player) perform(terminal io.Writer, act string) {
	p.Helper()
	word, rest, _ := strings.Cut(act, " ")
	switch word {
	case "wait":
		apptest.Eventually(p.T, rest, func() bool { return strings.Contains(p.output(), rest) }, p.output)
	case "pause":
		seconds, err := strconv.Atoi(rest)
		if err != nil {
			p.Fatal(err)
		}
		p.pause(time.Duration(seconds) * time.Second)
	case "save":
		name, text, _ := strings.Cut(rest, " ")
		p.act()
		p.save(name, text)
	case "key":
		if rest != "^C" {
			p.Fatalf("no key %s", rest)
		}
		fmt.Fprint(terminal, apptest.CtrlC)
	default:
		p.Fatalf("no act %q", act)
	}
}

// save replaces a file at once: a watch sees one change.
func (p *player) save(name, text string) {
	p.Helper()
	file := filepath.Join(p.TempDir(), "new")
	if err := os.WriteFile(file, []byte(text+"\n"), 0o644); err != nil {
		p.Fatal(err)
	}
	if err := os.Rename(file, filepath.Join(p.app.Dir, name)); err != nil {
		p.Fatal(err)
	}
}

// TestSession plays the session of README.md. The terminal shows what the recording shows. With -update, it records.
func TestSession(t *testing.T) {
	if *update {
		toolbox.CheckClean(t, pageProject)
	}
	app := apptest.NewApp(t, "services: {}", "")
	app.RequireImages("tasks-example-postgres")
	app.RemoveFile("Tasks.hcl")
	if *update {
		app.Project = pageProject
	}
	names := namesOf(app)
	for _, b := range read(t, "../README.md") {
		if b.File != "" && b.Language != "console" {
			app.Write(b.File, names.Replace(b.Text)+"\n")
		}
	}
	p := &player{T: t, app: app, start: time.Now()}
	p.cast = recording.Cast{Rows: sessionRows, Columns: sessionColumns, Title: "tasks once, a task, and a watch"}
	script, err := os.ReadFile(scriptFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, call := range regexp.MustCompile(`(?m)^\$ .*\n(?:  .*\n)*`).FindAllString(string(script), -1) {
		lines := strings.Split(strings.TrimSpace(call), "\n")
		for i := range lines {
			lines[i] = strings.TrimPrefix(strings.TrimSpace(lines[i]), "$ ")
		}
		p.play(lines[0], lines[1:])
	}
	p.print("$ ")
	if *update {
		record(t, p.cast)
	}
	want, got := readCast(t), strings.ReplaceAll(p.cast.Text(), app.Project, pageProject)
	if diff := cmp.Diff(normal(withoutTotals(want.Text())), normal(withoutTotals(got))); diff != "" {
		t.Errorf("the terminal differs from the recording: -update records again\n%s", diff)
	}
}

// record writes the files of the recording.
func record(t *testing.T, cast recording.Cast) {
	t.Helper()
	file, err := cast.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{castFile: file, pictureFile: []byte(cast.SVG())} {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func readCast(t *testing.T) recording.Cast {
	t.Helper()
	file, err := os.ReadFile(castFile)
	if err != nil {
		t.Fatal(err)
	}
	cast, err := recording.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return cast
}

// withoutTotals removes the lines about the time of a run: a quick run has none.
func withoutTotals(text string) string {
	return regexp.MustCompile(`(?m)^([0-9]+ m )?[0-9.]+ s: .*\n`).ReplaceAllString(text, "")
}

// normal returns a text without times and without the width of columns.
func normal(text string) string {
	text = regexp.MustCompile(`[0-9]+(\.[0-9]+)? m?s\b`).ReplaceAllString(text, "0 s")
	text = regexp.MustCompile(`-run-[0-9a-f]+`).ReplaceAllString(text, "-run-0")
	text = regexp.MustCompile(`[0-9]{2}:[0-9]{2}:[0-9]{2}`).ReplaceAllString(text, "00:00:00")
	text = regexp.MustCompile(`(?m) +$`).ReplaceAllString(text, "")
	return regexp.MustCompile(` +`).ReplaceAllString(text, " ")
}

// TestReadmeShowsTheSession: the picture is made of the recording, and each block of README.md with output is a part of it.
func TestReadmeShowsTheSession(t *testing.T) {
	cast := readCast(t)
	picture, err := os.ReadFile(pictureFile)
	if err != nil || string(picture) != cast.SVG() {
		t.Errorf("%s is not the picture of %s (%v)", pictureFile, castFile, err)
	}
	all, shown := "\n"+normal(withoutTotals(cast.Text()))+"\n", 0
	for _, b := range read(t, "../README.md") {
		if b.Language != "console" || !strings.Contains(b.Text, "\n") || strings.Count("\n"+b.Text, "\n$ ") == strings.Count("\n"+b.Text, "\n") {
			continue // commands without output
		}
		if shown++; !strings.Contains(all, "\n"+normal(b.Text)+"\n") {
			t.Errorf("no part of the recording:\n%s\n\nrecorded:\n%s", b.Text, cast.Text())
		}
	}
	if shown < 3 {
		t.Errorf("README.md shows only %d parts of the session", shown)
	}
}
