package record_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/internal/record"
	"tasks/planner"
)

// recordOutput records a run of the task lint with output, and returns the files.
func recordOutput(t *testing.T, isWithOutput bool, output func(tap func(task string, toErr bool, text []byte))) (events, junit string) {
	t.Helper()
	dir := t.TempDir()
	files := record.Files{
		Events: filepath.Join(dir, "e"), JUnit: filepath.Join(dir, "j"), EventsOutput: isWithOutput,
	}
	r, err := record.Start(t.Context(), t.Context(), files, func(s string) string { return s }, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	p, steps := samplePlan()
	r.Begin(p)
	o := r.Observe(noopObserver{})
	o.Notice(executor.Notice{Kind: executor.Started, Step: steps["lint"], Verb: planner.Run})
	output(r.Tap())
	o.Notice(executor.Notice{Kind: executor.Failed, Step: steps["lint"], Verb: planner.Run, Code: 3, Elapsed: 1})
	if err := errors.Join(r.End(executor.Result{Code: 3}), r.Close()); err != nil {
		t.Fatal(err)
	}
	eventText, _ := os.ReadFile(files.Events)
	junitText, _ := os.ReadFile(files.JUnit)
	return string(eventText), string(junitText)
}

// A failure of the JUnit report has the last lines, system-out the end of the whole output. Colours and characters that
// XML refuses are left out.
func TestOutputInJUnit(t *testing.T) {
	events, junit := recordOutput(t, false, func(tap func(string, bool, []byte)) {
		for i := range 30 {
			tap("lint", false, fmt.Appendf(nil, "line %d\r\n", i))
		}
		tap("lint", true, []byte("\x1b[31mred\x1b[0m ]]> <&\x00\x01\xff"))
		tap("other", false, []byte("of another task"))
	})
	var suite struct {
		Cases []struct {
			Failure struct {
				Text string `xml:",chardata"`
			} `xml:"failure"`
			Output string `xml:"system-out"`
		} `xml:"testcase"`
	}
	if err := xml.Unmarshal([]byte(junit), &suite); err != nil || len(suite.Cases) != 1 {
		t.Fatalf("%v\n%s", err, junit)
	}
	c, last := suite.Cases[0], "line 29\nred ]]> <&\ufffd"
	if !strings.HasPrefix(c.Output, "line 0\nline 1\n") || !strings.HasSuffix(c.Output, last) {
		t.Errorf("system-out %q", c.Output)
	}
	if !strings.HasSuffix(c.Failure.Text, last) || strings.Count(c.Failure.Text, "\n") != 19 {
		t.Errorf("failure %q", c.Failure.Text)
	}
	if strings.Contains(events, "line 1") {
		t.Errorf("the events have output that nobody wants:\n%s", events)
	}
}

// A huge output keeps its end, from the beginning of a line.
func TestHugeOutputInJUnit(t *testing.T) {
	line := strings.Repeat("x", 99) + "\n"
	_, junit := recordOutput(t, false, func(tap func(string, bool, []byte)) {
		for range 5000 {
			tap("lint", false, []byte(line))
		}
		tap("lint", false, []byte("the end\n"))
	})
	if len(junit) > 80<<10 || !strings.Contains(junit, "<system-out><![CDATA["+line) || !strings.Contains(junit, "the end\n]]>") {
		t.Errorf("%d bytes: %s…", len(junit), junit[:min(len(junit), 600)])
	}
}

// With --events-output each line of output is an event, before the end of its step.
func TestOutputInEvents(t *testing.T) {
	events, _ := recordOutput(t, true, func(tap func(string, bool, []byte)) {
		tap("lint", false, []byte("one\ntw"))
		tap("lint", true, []byte("oops\n"))
		tap("lint", false, []byte("o\nopen"))
	})
	var got []string
	for line := range strings.Lines(events) {
		if _, rest, found := strings.Cut(line, `"step":"task/lint",`); found {
			got = append(got, strings.TrimSpace(rest))
		}
	}
	want := []string{
		`"verb":"run"}`, `"text":"one","stream":"stdout"}`, `"text":"oops","stream":"stderr"}`, `"text":"two","stream":"stdout"}`,
		`"text":"open","stream":"stdout"}`,
	}
	if len(got) != len(want)+1 || strings.Join(got[:len(want)], "\n") != strings.Join(want, "\n") {
		t.Errorf("events\n%s", strings.Join(got, "\n"))
	}
}
