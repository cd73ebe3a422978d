package executor_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/executor"
	"tasks/executor/engine"
	"tasks/planner/observed"
)

// hookRecorder is an engine that takes note of the commands that are run in containers, with the time.
type hookRecorder struct {
	engine.Engine
	begun    time.Time
	commands []string
}

func (n *hookRecorder) Exec(ctx context.Context, id string, cmd engine.ExecCommand) (engine.ExecResult, error) {
	state, err := n.InspectContainer(ctx, id)
	if err != nil {
		return engine.ExecResult{}, err
	}
	var env []string
	for _, name := range slices.Sorted(maps.Keys(cmd.Env)) {
		env = append(env, " "+name+"="+*cmd.Env[name])
	}
	more := strings.Join(env, "")
	if cmd.User != "" {
		more += " as " + cmd.User + " in " + cmd.Workdir
	}
	if cmd.Privileged {
		more += " privileged"
	}
	n.commands = append(n.commands, fmt.Sprintf("%s %s %q%s", time.Since(n.begun), state.Name, cmd.Command, more))
	return n.Engine.Exec(ctx, id, cmd)
}

// runRecordingHooks runs with an engine that takes note of commands.
func (r *rig) runRecordingHooks(run func(*executor.Session) executor.Result) (executor.Result, []string) {
	r.t.Helper()
	n := &hookRecorder{Engine: r.engine, begun: time.Now()}
	return run(r.sessionOn(n)), n.commands
}

// runWithHook runs the task of the project and returns the commands that were run in containers.
func (r *rig) runWithHook(code int) (executor.Result, []string) {
	r.t.Helper()
	result, commands := r.runRecordingHooks(func(s *executor.Session) executor.Result {
		return s.Run(r.t.Context(), r.plan(oneOff("test", "app")), r.signals)
	})
	r.assertCode(result, code)
	return result, commands
}

const withHooks = `
services:
  app: {image: app, depends_on: {web: {condition: service_started}}}
  web:
    image: web
    environment: {VERSION: "1"}
    post_start:
      - {command: [sleep, "1"], user: root, working_dir: /w, environment: {A: b}, privileged: true}
      - {command: ["echo", "up"]}
    pre_stop:
      - {command: [sleep, "2"]}
      - {command: ["echo", "down"]}
`

func TestPostStartAndPreStop(t *testing.T) {
	changed := load(t, strings.Replace(withHooks, `VERSION: "1"`, `VERSION: "2"`, 1), []string{"app"})
	inVirtualTime(t, withHooks, []string{"app"}, func(r *rig) {
		_, commands := r.runWithHook(0)
		after := []string{`0s app-web-1 ["sleep" "1"] A=b as root in /w privileged`, `1s app-web-1 ["echo" "up"]`}
		if !slices.Equal(commands, after) {
			t.Errorf("the first start ran %q", commands)
		}
		if _, commands = r.runWithHook(0); commands != nil {
			t.Errorf("with the service running, %q was run", commands)
		}
		r.project = changed
		_, commands = r.runWithHook(0)
		want := []string{
			`0s app-web-1 ["sleep" "2"]`, `2s app-web-1 ["echo" "down"]`,
			`2s app-web-1 ["sleep" "1"] A=b as root in /w privileged`, `3s app-web-1 ["echo" "up"]`,
		}
		if !slices.Equal(commands, want) {
			t.Errorf("recreation ran %q", commands)
		}
		if lines := r.down(); !slices.Contains(lines, "container app-web-1") {
			t.Errorf("down told of %q", lines)
		}
		r.assertRemaining()
	})
}

// What is stopped for restart: true gets its hooks around that.
func TestHooksAroundRestart(t *testing.T) {
	yaml := strings.Replace(restarting, "    image: web\n", "    image: web\n    post_start: [{command: [echo, up]}]\n    pre_stop: [{command: [sleep, '1']}]\n", 1)
	changed := load(t, strings.Replace(yaml, `VERSION: "1"`, `VERSION: "2"`, 1), []string{"app"})
	inVirtualTime(t, yaml, []string{"app"}, func(r *rig) {
		r.runWithHook(0)
		r.project = changed
		_, commands := r.runWithHook(0)
		commands = slices.DeleteFunc(commands, func(c string) bool { return strings.Contains(c, "healthcheck") })
		if want := []string{`0s app-web-1 ["sleep" "1"]`, `1s app-web-1 ["echo" "up"]`}; !slices.Equal(commands, want) {
			t.Errorf("ran %q", commands)
		}
	})
}

func TestFailingPostStart(t *testing.T) {
	for command, says := range map[string]string{
		`[sh, -c, "echo no luck >&2"]`: "",
		`["false"]`:                    "service web: post_start[1] ended with code 1",
		`["exit", "3"]`:                "service web: post_start[1] ended with code 3",
		`["missing"]`:                  "service web: post_start[1] ended with code 126, and said last:\n  OCI runtime exec failed: exec: \"missing\": executable file not found in $PATH: unknown",
	} {
		inVirtualTime(t, strings.Replace(withHooks, `["echo", "up"]`, command, 1), []string{"app"}, func(r *rig) {
			if says == "" {
				r.runWithHook(0)
				return
			}
			result, _ := r.runWithHook(125)
			if result.Err.Error() != says {
				t.Errorf("%s: %v", command, result.Err)
			}
			r.assertRemaining("container app-web-1 (running)", "network app_default")
		})
	}
}

// The stop goes on.
func TestFailingPreStop(t *testing.T) {
	yaml := strings.Replace(withHooks, `["echo", "down"]`, "[exit, '3']", 1)
	changed := load(t, strings.Replace(yaml, `VERSION: "1"`, `VERSION: "2"`, 1), []string{"app"})
	inVirtualTime(t, yaml, []string{"app"}, func(r *rig) {
		r.runWithHook(0)
		r.project = changed
		r.runWithHook(0)
		const warning = "service web: pre_stop[1] ended with code 3\nthe container is stopped all the same"
		if !r.observer.has("warned container/web " + warning) {
			t.Errorf("told of %q", r.observer.lines())
		}
		if lines := r.down(); !slices.Contains(lines, warning) {
			t.Errorf("down told of %q", lines)
		}
		r.assertRemaining()
	})
}

func TestPostStartOfOneOff(t *testing.T) {
	const yaml = `services: {app: {image: app, environment: {SLEEP: 5s, EXIT_CODE: "0"}, post_start: [{command: [sleep, "1"]}, {command: ["true"]}], pre_stop: [{command: ["true"]}], pre_start: [{}]}}`
	both := []string{`0s ["sleep" "1"]`, `1s ["true"]`}
	for name, test := range map[string]struct {
		old, new string
		code     int
		commands []string
		says     string
	}{
		"well":                    {"", "", 0, both, ""},
		"a failing hook":          {`["true"]}], pre_stop`, "[exit, '3']}], pre_stop", 125, []string{both[0], `1s ["exit" "3"]`}, "service app: post_start[1] ended with code 3"},
		"and a failing command":   {`"0"}, post_start: [{command: [sleep, "1"]}`, `"4"}, post_start: [{command: ["false"]}`, 4, []string{`0s ["false"]`}, ""},
		"a command that is short": {"SLEEP: 5s", "SLEEP: 500ms", 0, both[:1], ""},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, strings.Replace(yaml, test.old, test.new, 1), []string{"app"}, func(r *rig) {
				result, commands := r.runWithHook(test.code)
				for i, c := range commands {
					commands[i] = strings.Join(slices.Delete(strings.Fields(c), 1, 2), " ")
				}
				if !slices.Equal(commands, test.commands) {
					t.Errorf("ran %q", commands)
				}
				if test.says != "" && result.Err.Error() != test.says {
					t.Errorf("failed with %v", result.Err)
				}
				short := "warned task/test service app: post_start[0] did not get to its end: the command had ended before"
				if r.observer.has(short) != (name == "a command that is short") {
					t.Errorf("told of %q", r.observer.lines())
				}
				r.assertRemaining("network app_default")
			})
		})
	}
}

const preparing = `
services:
  app: {image: app, depends_on: {web: {condition: service_started}}}
  web:
    image: web
    scale: 2
    pre_start:
      - {command: [one], environment: {SLEEP: 1s, EXIT_CODE: "0"}}
      - {command: [two], image: other, environment: {SLEEP: 2s, EXIT_CODE: "0"}}
`

// creations are the containers that were created and started, in order.
func (r *rig) creations(from int) (calls []string) {
	for _, c := range r.engine.Calls()[from:] {
		if c.Op == "StartContainer" || c.Op == "RemoveContainer" {
			calls = append(calls, c.String())
		}
	}
	return calls
}

func TestPreStart(t *testing.T) {
	inVirtualTime(t, preparing, []string{"app"}, func(r *rig) {
		r.engine.AddRemoteImage("other", observed.Image{})
		began := time.Now()
		r.assertCode(r.run(oneOff("test", "app")), 0)
		want := []string{
			"StartContainer app-web-pre_start-0", "RemoveContainer app-web-pre_start-0",
			"StartContainer app-web-pre_start-1", "RemoveContainer app-web-pre_start-1",
			"StartContainer app-web-1", "StartContainer app-web-2",
		}
		if calls := r.creations(0); !slices.Equal(calls[:len(want)], want) {
			t.Errorf("%q", calls)
		}
		if took := time.Since(began); took < 3*time.Second {
			t.Errorf("the service was started after %s", took)
		}
		services := []string{"container app-web-1 (running)", "container app-web-2 (running)", "network app_default"}
		r.assertRemaining(slices.Clone(services)...)
		// While a replica runs they are not run again.
		r.engine.Exit("app-web-1", 0)
		from := len(r.engine.Calls())
		r.assertCode(r.run(oneOff("test", "app")), 0)
		if calls := r.creations(from); calls[0] != "StartContainer app-web-1" {
			t.Errorf("%q", calls)
		}
		r.assertRemaining(services...)
	})
}

// What has failed is kept until the next start.
func TestFailingPreStart(t *testing.T) {
	yaml := strings.Replace(preparing, `SLEEP: 2s, EXIT_CODE: "0"`, `EXIT_CODE: "3", STDOUT: "working", STDERR: "no luck"`, 1)
	again := load(t, preparing, []string{"app"})
	inVirtualTime(t, yaml, []string{"app"}, func(r *rig) {
		r.engine.AddRemoteImage("other", observed.Image{})
		result := r.run(oneOff("test", "app"))
		r.assertCode(result, 125)
		const says = "service web: pre_start[1] ended with code 3, and said last:\n  no luck\nits container is kept until the next start; to see all it said: docker logs app-web-pre_start-1"
		if result.Err.Error() != says {
			t.Errorf("%v", result.Err)
		}
		r.assertRemaining("container app-web-1 (created)", "container app-web-2 (created)", "container app-web-pre_start-1 (exited)", "network app_default")
		r.project = again
		r.assertCode(r.run(oneOff("test", "app")), 0)
		r.assertRemaining("container app-web-1 (running)", "container app-web-2 (running)", "network app_default")
	})
}

func TestFailedPreStartGoesWithTheProject(t *testing.T) {
	yaml := strings.Replace(preparing, `SLEEP: 1s, EXIT_CODE: "0"`, `EXIT_CODE: "3"`, 1)
	inVirtualTime(t, yaml, []string{"app"}, func(r *rig) {
		r.engine.AddRemoteImage("other", observed.Image{})
		r.assertCode(r.run(oneOff("test", "app")), 125)
		if lines := r.down(); !slices.Contains(lines, "container app-web-pre_start-0") {
			t.Errorf("told of %q", lines)
		}
		r.assertRemaining()
	})
}

func TestInterruptedPreStart(t *testing.T) {
	inVirtualTime(t, preparing, []string{"app"}, func(r *rig) {
		r.engine.AddRemoteImage("other", observed.Image{})
		r.after(2*time.Second, func() { r.signals <- syscall.SIGINT })
		r.assertCode(r.run(oneOff("test", "app")), 130)
		r.assertRemaining()
	})
}

// tooLate is an engine that comes to run a command when the container has ended.
type tooLate struct {
	engine.Engine
	said string
}

func (e tooLate) Exec(context.Context, string, engine.ExecCommand) (engine.ExecResult, error) {
	time.Sleep(time.Second)
	return engine.ExecResult{ExitCode: 128, Output: e.said}, nil
}

// TestPostStartAfterTheEnd: the words of current engines are no failure of the hook.
func TestPostStartAfterTheEnd(t *testing.T) {
	const yaml = `services: {app: {image: app, environment: {SLEEP: 500ms, EXIT_CODE: "0"}, post_start: [{command: ["true"]}]}}`
	for said, code := range map[string]int{
		"cannot exec in a stopped state":                              0,
		"FailedPrecondition: container 1 init process is not running": 0,
		"no such branch": 125,
	} {
		t.Run(said, func(t *testing.T) {
			inVirtualTime(t, yaml, []string{"app"}, func(r *rig) {
				result := r.sessionOn(tooLate{r.engine, said}).Run(r.t.Context(), r.plan(oneOff("test", "app")), r.signals)
				r.assertCode(result, code)
				r.assertRemaining("network app_default")
			})
		})
	}
}
