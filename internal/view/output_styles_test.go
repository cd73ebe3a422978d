package view

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

func TestStyleOf(t *testing.T) {
	alone, several := []string{"a"}, []string{"a", "b"}
	for name, test := range map[string]struct {
		wanted   []string
		flag     hclspec.OutputStyle
		files    hclspec.OutputStyle
		terminal bool
		task     hclspec.Task
		want     hclspec.OutputStyle
		// owns reports whether the task gets the terminal.
		owns bool
	}{
		"alone":           {wanted: alone, want: hclspec.StyleStream},
		"alone, terminal": {wanted: alone, terminal: true, want: hclspec.StyleStream, owns: true},
		"several":         {wanted: several, terminal: true, want: hclspec.StylePrefix},
		"dependency":      {wanted: []string{"b"}, terminal: true, want: hclspec.StylePrefix},
		"files":           {wanted: several, files: hclspec.StyleGroup, want: hclspec.StyleGroup},
		"files, alone":    {wanted: alone, files: hclspec.StyleGroup, want: hclspec.StyleGroup},
		"files leave a single terminal": {
			wanted: alone, files: hclspec.StyleGroup, terminal: true, want: hclspec.StyleStream, owns: true,
		},
		"files, several at a terminal": {
			wanted: several, files: hclspec.StyleQuiet, terminal: true, want: hclspec.StyleQuiet,
		},
		"own beats files": {
			wanted: several, files: hclspec.StyleGroup, task: hclspec.Task{OutputStyle: hclspec.StyleQuiet},
			want: hclspec.StyleQuiet,
		},
		"own takes the terminal": {
			wanted: alone, terminal: true, task: hclspec.Task{OutputStyle: hclspec.StyleQuiet},
			want: hclspec.StyleQuiet,
		},
		"own stream": {
			wanted: alone, files: hclspec.StyleGroup, terminal: true,
			task: hclspec.Task{OutputStyle: hclspec.StyleStream}, want: hclspec.StyleStream, owns: true,
		},
		"flag beats own": {
			wanted: alone, flag: hclspec.StyleStream, terminal: true,
			task: hclspec.Task{OutputStyle: hclspec.StyleQuiet}, want: hclspec.StyleStream, owns: true,
		},
		"flag beats files": {
			wanted: several, flag: hclspec.StylePrefix, files: hclspec.StyleGroup, want: hclspec.StylePrefix,
		},
		"flag leaves tty = true": {
			wanted: alone, flag: hclspec.StyleGroup, terminal: true, task: hclspec.Task{TTY: hclspec.TTYAlways},
			want: hclspec.StyleStream, owns: true,
		},
		"flag, tty = true, several": {
			wanted: several, flag: hclspec.StyleGroup, task: hclspec.Task{TTY: hclspec.TTYAlways},
			want: hclspec.StylePrefix,
		},
		"the name of a detached container": {
			wanted: alone, flag: hclspec.StyleQuiet, task: hclspec.Task{Detach: true}, want: hclspec.StyleStream,
		},
	} {
		c := &Output{Targets: test.wanted, Style: test.flag, DefaultStyle: test.files}
		if test.terminal {
			c.Terminal = fakeTerminal{}
		}
		test.task.Name = "a"
		if got := c.styleOf(&test.task); got != test.want {
			t.Errorf("%s: %s; want %s", name, got, test.want)
		}
		if owns := c.TerminalOf(&test.task) != nil; owns != test.owns {
			t.Errorf("%s: has the terminal: %t", name, owns)
		}
	}
}

// newStyledOutput returns an output with notices on stderr.
func newStyledOutput(t *testing.T, style hclspec.OutputStyle, wanted ...string) (*Output, func() (out, err string)) {
	c, read := newTestOutput(t, wanted...)
	c.NoticePrinter, c.Style = NewNoticePrinter(c.Err, NoticeOptions{}, error.Error), style
	c.Begin(&planner.Plan{})
	return c, read
}

func hostStep(name string) *planner.Step {
	return &planner.Step{ID: planner.StepID("task/" + name), Action: &planner.RunHost{Task: &hclspec.Task{Name: name}}}
}

func TestGroupOutputIsContiguous(t *testing.T) {
	c, read := newStyledOutput(t, hclspec.StyleGroup, "test")
	named, dependency := c.StreamsOf(&hclspec.Task{Name: "test"}), c.StreamsOf(&hclspec.Task{Name: "lint"})
	if named.In == nil || dependency.In != nil {
		t.Error("stdin is that of the single named task")
	}
	fmt.Fprint(named.Out, "1\n")
	fmt.Fprint(dependency.Out, "a\n")
	fmt.Fprint(named.Err, "2\n")
	fmt.Fprint(dependency.Err, "b")
	fmt.Fprint(named.Out, "3")
	if out, err := read(); out+err != "" {
		t.Errorf("shown before the end: %q, %q", out, err)
	}
	dependency.Close()
	named.Close()
	c.StreamsOf(&hclspec.Task{Name: "silent"}).Close()
	if out, err := read(); out != "1\n3" || err != "task lint  output:\na\nb\ntask test  output:\n2\n" {
		t.Errorf("stdout %q, stderr %q", out, err)
	}
}

func TestQuietOutputAfterFailure(t *testing.T) {
	c, read := newStyledOutput(t, hclspec.StyleQuiet, "good", "bad")
	for _, name := range []string{"good", "bad", "optional", "cancelled"} {
		writeBoth(t, c.StreamsOf(&hclspec.Task{Name: name}), name+" out\n", name+" err\n")
	}
	if out, err := read(); out+err != "" {
		t.Errorf("shown before the end: %q, %q", out, err)
	}
	c.Notice(executor.Notice{Kind: executor.Done, Step: hostStep("good"), Verb: planner.Run, Elapsed: 1})
	c.Notice(executor.Notice{Kind: executor.Failed, Step: hostStep("bad"), Verb: planner.Run, Code: 3, Elapsed: 1})
	c.Notice(
		executor.Notice{
			Kind: executor.Warned, Step: hostStep("optional"), Verb: planner.Run, Text: "a word on the way",
		},
	)
	wantErr := "task good  done (0.0 s)\ntask bad  output:\nbad err\ntask bad  failed: exit code 3 (0.0 s)\n" +
		"task optional  warning: a word on the way\n"
	if out, err := read(); out != "bad out\n" || err != wantErr {
		t.Errorf("stdout %q, stderr %q", out, err)
	}
}

// Each style reports output that cannot be written, also output that waits for the end of the command.
func TestUnwrittenOutput(t *testing.T) {
	for _, style := range hclspec.OutputStyles() {
		for _, secrets := range []hclspec.Secrets{nil, {"hidden"}} {
			c, read := newStyledOutput(t, hclspec.OutputStyle(style), "a", "b")
			c.Printer = NewPrinter(os.Stdin, c.Out, c.Err)
			c.Secrets = func() hclspec.Secrets { return secrets }
			c.Out.Close()
			s := c.StreamsOf(&hclspec.Task{Name: "a"})
			_, written := io.WriteString(s.Out, "text without an end: hid")
			_, _ = io.WriteString(s.Err, "reason\n")
			closed := s.Close()
			c.Notice(executor.Notice{Kind: executor.Failed, Step: hostStep("a"), Code: 3, Elapsed: 1})
			if written == nil && closed == nil && c.Printer.OutputError() == nil {
				t.Errorf("%s, %q: the lost output is not reported", style, secrets)
			}
			if _, err := read(); !strings.Contains(err, "reason\n") {
				t.Errorf("%s, %q: the other stream has %q", style, secrets, err)
			}
		}
	}
}

func TestQuietKeepsTail(t *testing.T) {
	e := &tailBuffer{limit: 20}
	for i := range 100 {
		fmt.Fprintf(e.writer(i%3 == 0), "line %d\n", i)
	}
	if heading := e.heading(); heading != "end of its output" {
		t.Errorf("heading %q", heading)
	}
	if got := bufferedText(t, e.each); got != "2:line 98\n1:line 98" && got != "1:line 98\n2:line 99\n" {
		t.Errorf("%q", got)
	}
	endless := &tailBuffer{limit: 20}
	for range 100 {
		fmt.Fprint(endless.writer(false), "0123456789")
	}
	endless.heading()
	if got := bufferedText(t, endless.each); got != "1:01234567890123456789" {
		t.Errorf("%q", got)
	}
}

// bufferedText returns the chunks of a buffer, each after the number of the stream.
func bufferedText(t *testing.T, each func(func(bool, []byte) error) error) string {
	t.Helper()
	var all strings.Builder
	if err := each(func(toErr bool, text []byte) error {
		stream := 1
		if toErr {
			stream = 2
		}
		fmt.Fprintf(&all, "%d:%s", stream, text)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestGroupOutputSpillsToFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	var got string
	w := &spillBuffer{limit: 10}
	w.onFull = func() error { got += bufferedText(t, w.each); return nil }
	out, err := w.writer(false), w.writer(true)
	fmt.Fprint(out, "one\n")
	fmt.Fprint(err, "two, which is long\n")
	fmt.Fprint(out, "three\n")
	if w.file == nil || got != "" {
		t.Errorf("file %v, shown %q", w.file, got)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 && runtime.GOOS != "windows" {
		t.Errorf("a killed run would leave %v, %v", files, err)
	}
	w.close()
	if got != "1:one\n2:two, which is long\n1:three\n" {
		t.Errorf("%q", got)
	}
}

func TestGroupOutputWithoutTempFile(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/none")
	var shown []string
	w := &spillBuffer{limit: 10}
	w.onFull = func() error { shown = append(shown, bufferedText(t, w.each)); return nil }
	fmt.Fprint(w.writer(false), "more than ten bytes\n")
	fmt.Fprint(w.writer(true), "x\n")
	w.close()
	if len(shown) != 2 || shown[0] != "1:more than ten bytes\n" || shown[1] != "2:x\n" {
		t.Errorf("%q", shown)
	}
}

func TestSecretsAreMaskedInAllStyles(t *testing.T) {
	for _, style := range hclspec.OutputStyles() {
		c, read := newStyledOutput(t, hclspec.OutputStyle(style), "a@key=hidden", "b")
		c.Secrets = func() hclspec.Secrets { return hclspec.Secrets{"hidden"} }
		s := c.StreamsOf(&hclspec.Task{Name: "a@key=hidden"})
		_, _ = io.WriteString(s.Out, "hid")
		_, _ = io.WriteString(s.Out, "den\n")
		s.Close()
		c.flushTaskOutput(executor.Notice{Kind: executor.Failed, Step: hostStep("a@key=hidden"), Elapsed: 1})
		if out, err := read(); strings.Contains(out+err, "hidden") || !strings.Contains(out, hclspec.Masked) {
			t.Errorf("%s: stdout %q, stderr %q", style, out, err)
		}
	}
}

func TestTailOfFailedTask(t *testing.T) {
	fails := func(c *Output, other string) {
		a, b := c.StreamsOf(&hclspec.Task{Name: "a"}), c.StreamsOf(&hclspec.Task{Name: "b"})
		for i := range 30 {
			fmt.Fprintf(a.Out, "line %d\n", i)
		}
		fmt.Fprint(b.Out, other)
		a.Close()
		b.Close()
		c.Notice(executor.Notice{Kind: executor.Failed, Step: hostStep("a"), Code: 1, Elapsed: 1})
		c.End(executor.Result{Code: 1})
	}
	c, read := newStyledOutput(t, hclspec.StylePrefix, "x")
	fails(c, "")
	if _, err := read(); strings.Count(err, "line 29") != 1 {
		t.Errorf("what is in front of the user is repeated: %q", err)
	}
	c, read = newStyledOutput(t, hclspec.StylePrefix, "x")
	fails(c, "between\n")
	_, err := read()
	_, again, _ := strings.Cut(err, "task a  last output:\na | line 10\n")
	if strings.Count(again, "\n") != 19 || !strings.HasSuffix(again, "a | line 29\n") {
		t.Errorf("%q", err)
	}
}

func TestSkippedTasks(t *testing.T) {
	lint, db := hostStep("lint"), &planner.Step{Action: &planner.StartService{Replica: "db"}}
	once := &planner.Step{Action: &planner.RunOneOff{Task: &hclspec.Task{Name: "web", IsOnce: true}}}
	skipped := func(steps ...*planner.Step) []executor.SkippedTask {
		var all []executor.SkippedTask
		for _, s := range steps {
			all = append(all, executor.SkippedTask{Step: s})
		}
		return all
	}
	inSteps := func(entry string) []executor.SkippedTask {
		return []executor.SkippedTask{{Step: hostStep("deploy"), Entry: planner.Entry{Name: entry, Position: 2}, EntryCount: 4}}
	}
	for want, failures := range map[string][]executor.Failure{
		"task deploy  skipped: task lint failed (step 2 of 4)\n":             {{Step: lint, Code: 3, Skipped: inSteps("task lint")}},
		"task deploy  skipped: service db failed (step 2 of 4: task seed)\n": {{Step: db, Err: io.EOF, Skipped: inSteps("task seed")}},
		"": {{Step: lint, Code: 3}},
		"task test  skipped: task lint failed\ntask all  skipped: task lint failed\n": {
			{Step: lint, Code: 3, Skipped: skipped(hostStep("test"), hostStep("all"))},
		},
		"task test  skipped: service db failed\n": {
			{Step: lint, Code: 3}, {Step: db, Err: io.EOF, Skipped: skipped(hostStep("test"), once)},
		},
	} {
		if got := skippedText(failures); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}

func TestServiceLogsAtTheEnd(t *testing.T) {
	c, read := newStyledOutput(t, "", "x")
	c.End(executor.Result{Code: 1, ServiceLogs: []executor.ServiceLog{{Replica: "db", Text: "one\ntwo\n"}, {}}})
	if _, err := read(); err != "service db  last output:\n  one\n  two\n" {
		t.Errorf("%q", err)
	}
}
