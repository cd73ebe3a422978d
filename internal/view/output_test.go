package view

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tasks/executor/command"
	"tasks/hclspec"
)

// newTestOutput returns an output on two files, and a function to read the files.
func newTestOutput(t *testing.T, wanted ...string) (*Output, func() (out, err string)) {
	t.Helper()
	dir := t.TempDir()
	create := func(name string) *os.File {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	c := &Output{
		Targets: wanted, In: strings.NewReader("input"), Out: create("out"), Err: create("err"),
		Terminal: fakeTerminal{},
	}
	return c, func() (string, string) {
		out, _ := os.ReadFile(filepath.Join(dir, "out"))
		errOut, _ := os.ReadFile(filepath.Join(dir, "err"))
		return string(out), string(errOut)
	}
}

type fakeTerminal struct{ command.Terminal }

func writeBoth(t *testing.T, s command.Streams, out, err string) {
	t.Helper()
	fmt.Fprint(s.Out, out)
	fmt.Fprint(s.Err, err)
	s.Close()
}

func TestTargetHasTheStreams(t *testing.T) {
	c, read := newTestOutput(t, "test")
	s := c.StreamsOf(&hclspec.Task{Name: "test"})
	writeBoth(t, s, "no newline", "an error\n")
	if out, err := read(); out != "no newline" || err != "an error\n" {
		t.Errorf("stdout %q, stderr %q", out, err)
	}
	if s.In == nil || c.TerminalOf(&hclspec.Task{Name: "test"}) == nil {
		t.Error("the named task has no input or no terminal")
	}
}

func TestDependencyTaskWritesToStderr(t *testing.T) {
	c, read := newTestOutput(t, "test")
	s := c.StreamsOf(&hclspec.Task{Name: "lint"})
	writeBoth(t, s, "one\ntwo", "three\n")
	if out, err := read(); out != "" || err != "lint | one\nlint | three\nlint | two\n" {
		t.Errorf("stdout %q, stderr %q", out, err)
	}
	if s.In != nil || c.TerminalOf(&hclspec.Task{Name: "lint"}) != nil {
		t.Error("a dependency task has input or terminal")
	}
}

func TestSeveralTargetsArePrefixed(t *testing.T) {
	c, read := newTestOutput(t, "a", "b")
	writeBoth(t, c.StreamsOf(&hclspec.Task{Name: "a"}), "1\n", "")
	writeBoth(t, c.StreamsOf(&hclspec.Task{Name: "b"}), "2\n", "")
	if out, _ := read(); out != "a | 1\nb | 2\n" {
		t.Errorf("stdout %q", out)
	}
}

func TestConcurrentLinesAreNotMixed(t *testing.T) {
	c, read := newTestOutput(t, "test")
	var all sync.WaitGroup
	for i := range 8 {
		s := c.StreamsOf(&hclspec.Task{Name: fmt.Sprintf("t%d", i)})
		all.Go(func() {
			for range 200 {
				fmt.Fprint(s.Out, "ab")
				fmt.Fprint(s.Out, "cd\nef")
				fmt.Fprint(s.Err, "x\n")
				fmt.Fprint(s.Out, "gh\n")
			}
			s.Close()
		})
	}
	all.Wait()
	_, err := read()
	lines := strings.Split(strings.TrimSpace(err), "\n")
	if len(lines) != 8*200*3 {
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines {
		if _, text, _ := strings.Cut(line, " | "); text != "abcd" && text != "efgh" && text != "x" {
			t.Fatalf("a broken line: %q", line)
		}
	}
}

// TestCarriageReturnsArePrefixed: progress over a single line appears during the run.
func TestCarriageReturnsArePrefixed(t *testing.T) {
	c, read := newTestOutput(t, "test")
	s := c.StreamsOf(&hclspec.Task{Name: "fetch"})
	fmt.Fprint(s.Err, "10%\r20%\r")
	if _, err := read(); err != "fetch | 10%\n" {
		t.Errorf("stderr %q", err)
	}
	writeBoth(t, s, "", "30%")
	if _, err := read(); err != "fetch | 10%\nfetch | 20%\nfetch | 30%\n" {
		t.Errorf("at last stderr is %q", err)
	}
}
