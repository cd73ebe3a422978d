//go:build unix

package examples_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/internal/testing/apptest"
	"tasks/internal/testing/pagetest"
)

func TestMain(m *testing.M) { apptest.Main(m, nil) }

// commandLimit is the time limit of a command: some compile a program with its libraries.
const commandLimit = 5 * time.Minute

// stack is a copy of an example with servers, under a project name of its own.
type stack struct {
	*apptest.App
	name string
}

// openStack copies the examples, and returns the copy of one. The project is removed when the test ends.
func openStack(t *testing.T, name string, images ...string) *stack {
	t.Helper()
	t.Parallel()
	app := apptest.NewApp(t, "services: {}", "")
	app.RequireImages(images...)
	copyExamples(t, app.Dir)
	app.Dir = filepath.Join(app.Dir, name)
	cache, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	app.Env = append(app.Env, "COMPOSE_PROJECT_NAME="+app.Project, "GOCACHE="+strings.TrimSpace(string(cache)))
	return &stack{app, name}
}

// copyExamples copies the examples as git has them, without the files that earlier runs have made.
func copyExamples(t *testing.T, to string) {
	t.Helper()
	made := []string{".tasks", "bin", "dist", "screenshots"}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case slices.Contains(made, entry.Name()):
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(to, path), 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, path), text, info.Mode())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// run runs the program to its end, and expects an exit code.
func (s *stack) run(code int, args ...string) apptest.Result {
	s.T.Helper()
	r := s.Start(args...).WaitFor(commandLimit)
	if r.Code != code {
		s.T.Fatalf("tasks %q ended with %d, want %d\n%s%s", args, r.Code, code, r.Stdout, r.Stderr)
	}
	return r
}

// expectLines expects lines in the output of a run, in any order.
func (s *stack) expectLines(r apptest.Result, lines ...string) {
	s.T.Helper()
	for _, line := range lines {
		if !pagetest.ContainsLines(line, r.Stdout+r.Stderr) {
			s.T.Errorf("the output lacks %q\n%s%s", line, r.Stdout, r.Stderr)
		}
	}
}

// replace replaces a text, which has to be there, in a file of the example.
func (s *stack) replace(file, old, text string) {
	s.T.Helper()
	content, err := os.ReadFile(filepath.Join(s.Dir, file))
	if err != nil {
		s.T.Fatal(err)
	}
	if !strings.Contains(string(content), old) {
		s.T.Fatalf("%s lacks %q", file, old)
	}
	s.Write(file, strings.ReplaceAll(string(content), old, text))
}

// blocks returns the blocks of the README in a language.
func (s *stack) blocks(language string) []pagetest.Block {
	s.T.Helper()
	all, err := pagetest.Read(filepath.Join(s.Dir, "README.md"))
	if err != nil {
		s.T.Fatal(err)
	}
	return slices.DeleteFunc(all, func(b pagetest.Block) bool { return b.Language != language })
}

// doREADME runs the commands of the README, and compares their output.
func (s *stack) doREADME() {
	s.T.Helper()
	reader := &pagetest.Reader{T: s.T, App: s.App, Names: strings.NewReplacer("tasks-"+s.name, s.Project), Limit: commandLimit}
	commands := 0
	for _, b := range s.blocks("console") {
		commands += reader.DoBlock(b)
	}
	if commands < 3 {
		s.T.Errorf("only %d commands", commands)
	}
	if left := s.Containers(); len(left) > 0 {
		s.T.Errorf("%d containers are left after the last command of the README", len(left))
	}
}

// expectREADMEText expects the lines of the only text block of the README in a text.
func (s *stack) expectREADMEText(text string) {
	s.T.Helper()
	blocks := s.blocks("text")
	if len(blocks) != 1 {
		s.T.Fatalf("%d blocks of text", len(blocks))
	}
	if !pagetest.ContainsLines(blocks[0].Text, text) {
		s.T.Errorf("the README has\n%s\n\ngot\n%s", blocks[0].Text, text)
	}
}
