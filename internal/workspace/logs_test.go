package workspace

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// TestLogSelection: wrong values are found before the engine is asked.
func TestLogSelection(t *testing.T) {
	for name, test := range map[string]struct {
		selection LogSelection
		want      string
	}{
		"nothing":             {},
		"all lines":           {selection: LogSelection{Tail: "all"}},
		"no lines":            {selection: LogSelection{Tail: "0"}},
		"a duration":          {selection: LogSelection{Since: "1h30m"}},
		"a day":               {selection: LogSelection{Since: "2026-01-02"}},
		"a time":              {selection: LogSelection{Since: "2026-01-02T03:04:05.123Z"}},
		"a time with a zone":  {selection: LogSelection{Since: "2026-01-02T03:04:05+02:00"}},
		"a time with a space": {selection: LogSelection{Since: "2026-01-02 03:04:05"}},
		"seconds":             {selection: LogSelection{Since: "1767323045.5"}},
		"an index":            {selection: LogSelection{Index: 2, Services: []string{"web"}}},
		"a word for a time":   {selection: LogSelection{Since: "yesterday"}, want: "--since yesterday"},
		"a negative tail":     {selection: LogSelection{Tail: "-1"}, want: "--tail -1"},
		"a word for a tail":   {selection: LogSelection{Tail: "some"}, want: "--tail some"},
		"an index of nothing": {selection: LogSelection{Index: 1}, want: "--index 1: name the service"},
		"an index of two":     {selection: LogSelection{Index: 1, Services: []string{"a", "b"}}, want: "--index 1"},
		"a negative index":    {selection: LogSelection{Index: -1, Services: []string{"a"}}, want: "--index -1"},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.selection.Check()
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, test.want)
		})
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	if since, err := parseLogTime("5s", now); since != "2026-01-02T03:04:00.000000006Z" || err != nil {
		t.Errorf("%s, %v", since, err)
	}
}

// logEngine has logs by container name. A followed log ends with the container.
type logEngine struct {
	memoryEngine
	mu    sync.Mutex
	lines map[string][]string
	calls []string
}

func (e *logEngine) print(name, line string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lines[name] = append(e.lines[name], time.Now().UTC().Format("2006-01-02T15:04:05.000000000Z07:00")+" "+line+"\n")
}

func (e *logEngine) StreamLog(ctx context.Context, id string, options engine.LogOptions, stdout, _ io.Writer) error {
	state, err := e.InspectContainer(ctx, id)
	if err != nil {
		return err
	}
	if state.Name == "demo-mute-1" {
		return fmt.Errorf("configured logging driver does not support reading: %w", errdefs.ErrNotImplemented)
	}
	e.mu.Lock()
	e.calls = append(e.calls, fmt.Sprintf("%s tail %d", state.Name, options.Tail))
	e.mu.Unlock()
	for next := 0; ; {
		e.mu.Lock()
		lines := e.lines[state.Name]
		e.mu.Unlock()
		if next == 0 && options.Tail >= 0 {
			next = max(0, len(lines)-options.Tail)
		}
		for ; next < len(lines); next++ {
			at, _, _ := strings.Cut(lines[next], " ")
			if since, err := time.Parse(time.RFC3339Nano, options.Since); err == nil && mustTime(at).Before(since) {
				continue
			}
			half := len(lines[next]) / 2 // a line may arrive in parts
			_, _ = io.WriteString(stdout, lines[next][:half])
			_, _ = io.WriteString(stdout, lines[next][half:])
		}
		now, err := e.InspectContainer(ctx, id)
		if err != nil || !options.Follow || !now.State.IsUp() {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func mustTime(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return at
}

// start makes and starts a service container.
func (e *logEngine) start(t *testing.T, service string, number int) string {
	t.Helper()
	name := fmt.Sprintf("demo-%s-%d", service, number)
	id, err := e.CreateContainer(t.Context(), planner.ContainerSpec{
		Name: name, Image: "tool", Labels: map[string]string{
			composeproject.LabelProject: "demo", composeproject.LabelService: service,
			composeproject.LabelOneOff: "False", composeproject.LabelContainerNumber: fmt.Sprint(number),
		},
	})
	if err == nil {
		err = e.StartContainer(t.Context(), id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// followLogs follows the logs of a selection in the background. The function returned waits for the end, and returns
// all lines by the name of the container.
func followLogs(t *testing.T, ws *Workspace, selection LogSelection) func() map[string]string {
	t.Helper()
	reader, err := ws.OpenLogs(t.Context(), selection)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	lines := map[string]string{}
	all.Go(func() {
		err := reader.Follow(t.Context(), func(log ContainerLog) {
			all.Go(func() {
				var text strings.Builder
				if err := log.Read(t.Context(), &text, io.Discard); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for line := range strings.Lines(text.String()) {
					_, line, _ = strings.Cut(line, " ")
					lines[log.Name] += strings.TrimSpace(line) + ";"
				}
			})
		})
		if err != nil {
			t.Error(err)
		}
	})
	return func() map[string]string { all.Wait(); return lines }
}

// TestFollowLogs: a log goes on after a restart, later containers join, and the end of all is the end.
func TestFollowLogs(t *testing.T) {
	dir := writeFiles(t, map[string]string{"compose.yaml": "name: demo\nservices:\n  web: {image: tool}\n  mute: {image: tool}\n"})
	config := testConfig(t, dir)
	synctest.Test(t, func(t *testing.T) {
		e := &logEngine{memoryEngine: newMemoryEngine(t), lines: map[string][]string{}}
		config := config.withEngine(e)
		ws := mustOpen(t, config)
		id := e.start(t, "web", 1)
		e.start(t, "mute", 1)
		e.print("demo-web-1", "old")
		e.print("demo-web-1", "one")
		time.Sleep(time.Second)
		wait := followLogs(t, ws, LogSelection{Tail: "1"})
		time.Sleep(time.Second)
		e.print("demo-web-1", "two")
		time.Sleep(time.Second)
		e.Exit("demo-web-1", 0) // as docker restart does
		time.Sleep(restartPause / 2)
		if err := e.StartContainer(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		e.print("demo-web-1", "three")
		e.start(t, "web", 2)
		e.print("demo-web-2", "later")
		time.Sleep(time.Second)
		for _, name := range []string{"demo-web-1", "demo-web-2", "demo-mute-1"} {
			e.Exit(name, 0)
		}
		begin := time.Now()
		lines := wait()
		if took := time.Since(begin); took > restartPause+time.Second {
			t.Errorf("the end took %s", took)
		}
		if want := "one;two;three;"; lines["demo-web-1"] != want {
			t.Errorf("web-1: %q, want %q", lines["demo-web-1"], want)
		}
		if want := "later;"; lines["demo-web-2"] != want {
			t.Errorf("web-2: %q, want %q", lines["demo-web-2"], want)
		}
		told := strings.Join(config.Reporter.(*messages).lines, "\n")
		if !strings.Contains(told, "warning: service mute: the log of container demo-mute-1 cannot be read") {
			t.Errorf("told %q", told)
		}
	})
}

// TestFollowSelectedLogs: only containers of the selection count, for the logs and for the end.
func TestFollowSelectedLogs(t *testing.T) {
	dir := writeFiles(t, map[string]string{"compose.yaml": "name: demo\nservices:\n  web: {image: tool}\n  other: {image: tool}\n"})
	config := testConfig(t, dir)
	synctest.Test(t, func(t *testing.T) {
		e := &logEngine{memoryEngine: newMemoryEngine(t), lines: map[string][]string{}}
		ws := mustOpen(t, config.withEngine(e))
		e.start(t, "web", 1)
		e.start(t, "web", 2)
		e.start(t, "other", 1)
		for _, name := range []string{"demo-web-1", "demo-web-2", "demo-other-1"} {
			e.print(name, "from "+name)
		}
		wait := followLogs(t, ws, LogSelection{Services: []string{"web"}, Index: 2})
		time.Sleep(time.Second)
		e.Exit("demo-web-2", 0)
		lines := wait()
		if len(lines) != 1 || lines["demo-web-2"] != "from demo-web-2;" {
			t.Errorf("lines %q", lines)
		}
		e.Exit("demo-web-1", 0)
		e.Exit("demo-other-1", 0)
	})
}

// TestOpenLogs: names and numbers that no container has.
func TestOpenLogs(t *testing.T) {
	dir := writeFiles(t, map[string]string{"compose.yaml": "name: demo\nservices:\n  web: {image: tool}\n"})
	config := testConfig(t, dir)
	e := &logEngine{memoryEngine: newMemoryEngine(t), lines: map[string][]string{}}
	e.start(t, "web", 1)
	e.start(t, "orphan", 1)
	ws := mustOpen(t, config.withEngine(e))
	if _, err := ws.OpenLogs(t.Context(), LogSelection{Services: []string{"wep"}}); err == nil {
		t.Error("a wrong name is no error")
	}
	_, err := ws.OpenLogs(t.Context(), LogSelection{Services: []string{"web"}, Index: 2})
	wantError(t, err, "service web has no container number 2")
	reader, err := ws.OpenLogs(t.Context(), LogSelection{Services: []string{"orphan"}})
	if err != nil || len(reader.Logs()) != 1 {
		t.Errorf("a service that only a container has: %v", err)
	}
}
