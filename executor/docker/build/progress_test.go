package build

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bkclient "github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"
)

func TestLines(t *testing.T) {
	var got []string
	l := &lineWriter{onLine: func(s string) { got = append(got, s) }}
	for _, part := range []string{"a", "b\n\nc\n ", "d", "\r\n", "end"} {
		l.Write([]byte(part))
	}
	l.flush()
	if diff := cmp.Diff([]string{"ab", "c", "d", "end"}, got); diff != "" {
		t.Error(diff)
	}
}

// A carriage return of a program must not move the cursor of the terminal to the beginning of our line.
func TestLinesKeepTheLastPartOfALine(t *testing.T) {
	for text, want := range map[string]string{
		"#5 0.192 \rprogress 7/8\rprogress 8/8\n": "#5 0.192 progress 8/8",
		"#5 0.192 1%\r2%\r\n":                     "#5 0.192 2%",
		"1%\r2%\n":                                "2%",
		"\r\n":                                    "",
	} {
		got := ""
		l := &lineWriter{onLine: func(s string) { got = s }}
		l.Write([]byte(text))
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestWatchExplainsTheFirstFailure(t *testing.T) {
	w := &buildState{steps: map[digest.Digest]*step{}}
	w.add(&bkclient.SolveStatus{
		Vertexes: []*bkclient.Vertex{{Digest: "a", Name: "[1/2] FROM x"}, {Digest: "b", Name: "[2/2] RUN y"}},
		Logs:     []*bkclient.VertexLog{{Vertex: "b", Data: []byte("one\ntw")}, {Vertex: "b", Data: []byte("o\r\n")}},
	})
	w.add(&bkclient.SolveStatus{Vertexes: []*bkclient.Vertex{{Digest: "a", Error: "context canceled"}, {Digest: "b", Error: "exit code: 1"}}})
	err := w.withStep(errors.New("failed to solve: exit code: 1"), &buildPlan{dockerfile: "/no/such"})
	want := "RUN y: exit code: 1\nthe step's last lines:\n  one\n  two"
	if err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
}

func TestWatchKeepsTheEndOfALongLog(t *testing.T) {
	w := &buildState{steps: map[digest.Digest]*step{}}
	for range 1000 {
		w.add(&bkclient.SolveStatus{Logs: []*bkclient.VertexLog{{Vertex: "a", Data: []byte(strings.Repeat("x", 999) + "\n")}}})
	}
	w.add(&bkclient.SolveStatus{Logs: []*bkclient.VertexLog{{Vertex: "a", Data: []byte("end\n")}}})
	s := w.step("a")
	if len(s.log) > 1<<16 || len(s.tail()) != logTail || s.tail()[logTail-1] != "end" {
		t.Errorf("%d bytes kept, last lines %d", len(s.log), len(s.tail()))
	}
}

// TestErrorText: the error has the place, the instruction and the reason, for the messages of BuildKit in engines 20.10 and
// in the current one.
func TestErrorText(t *testing.T) {
	const long = "RUN apt-get update && apt-get install -y one two three four five six seven eight"
	for _, test := range []struct{ step, cause, want string }{
		{"[2/2] RUN y", "exit code: 1", "Dockerfile:3: RUN y: exit code: 1"},
		{"[3/3] RUN npm install", "failed to solve: executor failed running [/bin/sh -c npm install]: exit code: 1",
			"Dockerfile:3: RUN npm install failed with exit code 1"},
		{"[3/3] RUN npm install", `failed to solve: process "/bin/sh -c npm install" did not complete successfully: exit code: 1`,
			"Dockerfile:3: RUN npm install failed with exit code 1"},
		{"[b 3/3] " + long, `process "/bin/sh -c apt-get" did not complete successfully: exit code: 100`,
			"Dockerfile:3: " + long[:maxInstruction-1] + "… failed with exit code 100"},
		{"[2/2] COPY a /x", `failed to compute cache key: "/a" not found: not found`,
			"Dockerfile:3: COPY a /x: a is not in the build context, or .dockerignore excludes it"},
		{"[2/2] COPY a /x", `failed to compute cache key: failed to calculate checksum of ref m::x: "/a": not found`,
			"Dockerfile:3: COPY a /x: a is not in the build context, or .dockerignore excludes it"},
		{"[internal] load metadata for docker.io/library/none:7", "failed to solve with frontend dockerfile.v0: failed to create LLB " +
			"definition: no route", "Dockerfile:3: base image docker.io/library/none:7 cannot be read: no route"},
		{"", "failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 3: unknown " +
			"instruction: RUNN", "Dockerfile:3: unknown instruction: RUNN"},
		{"[internal] load build definition from Dockerfile", "failed to solve: dockerfile parse error on line 3: unknown instruction: " +
			"RUNN (did you mean RUN?)", "Dockerfile:3: unknown instruction: RUNN (did you mean RUN?)"},
	} {
		w := &buildState{steps: map[digest.Digest]*step{}}
		if test.step != "" {
			w.add(&bkclient.SolveStatus{Vertexes: []*bkclient.Vertex{{Digest: "a", Name: test.step, Error: test.cause}}})
		}
		plan := &buildPlan{request: Request{ProjectDir: "/shop"}, dockerfile: "/shop/Dockerfile", dockerfileText: []byte("FROM x\n\n" + test.step)}
		failure, ok := errors.AsType[*Error](w.withStep(errors.New(test.cause), plan))
		if !ok {
			t.Fatal(test.cause)
		}
		failure.Line = 3
		if got := failure.Error(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

// TestFailedBuildShowsNoPieces: BuildKit's summary repeats the log in the pieces of the writes, so a secret in two
// pieces would not be masked.
func TestFailedBuildShowsNoPieces(t *testing.T) {
	now := time.Now()
	step := &bkclient.Vertex{Digest: digest.FromString("x"), Name: "[2/2] RUN x", Started: &now}
	failed := *step
	failed.Completed, failed.Error = &now, "exit code: 3"
	states := make(chan *bkclient.SolveStatus)
	go func() {
		defer close(states)
		states <- &bkclient.SolveStatus{Vertexes: []*bkclient.Vertex{step}}
		for _, piece := range []string{"login topsecret1", "2345longer678 end\n"} {
			states <- &bkclient.SolveStatus{Logs: []*bkclient.VertexLog{{Vertex: step.Digest, Data: []byte(piece), Timestamp: now}}}
		}
		states <- &bkclient.SolveStatus{Vertexes: []*bkclient.Vertex{&failed}}
	}()
	var lines []string
	display(t.Context(), states, func(line string) { lines = append(lines, line) })
	text := strings.Join(lines, "\n")
	if strings.Count(text, "2345longer678") != strings.Count(text, "topsecret12345longer678") || !strings.Contains(text, "ERROR") {
		t.Errorf("the lines are\n%s", text)
	}
}

func TestLastLines(t *testing.T) {
	for text, want := range map[string]string{"one\ntwo\nthree\n": "three\n", "onetwothree": "…twothree"} {
		if got := string(lastLines([]byte(text), 8)); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
}
