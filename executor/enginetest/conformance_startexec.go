package enginetest

import (
	"bytes"
	"context"
	"syscall"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/internal/prober"
	"tasks/internal/prober/wire"
	"tasks/planner"
)

// startExec starts a command in a container, with a mark.
func (f *fixture) startExec(id, mark string, opts engine.AttachOptions, command ...string) engine.Execution {
	f.Helper()
	x, err := f.engine.StartExec(f.Context(), id, engine.ExecCommand{Command: command, Env: types.MappingWithEquals{"MARK": &mark}}, opts)
	f.fatal(err)
	return x
}

// executed takes the output of a command to its end, and its exit code.
func (f *fixture) executed(x engine.Execution) (int, printed) {
	f.Helper()
	defer x.Close()
	var out, errOut bytes.Buffer
	f.noError(x.Copy(&out, &errOut))
	code, err := x.Exit(f.Context())
	f.noError(err)
	return code, printed{out.String(), errOut.String()}
}

func execBesideCommand(f *fixture) {
	id := f.running("db")
	for _, test := range []struct {
		command []string
		code    int
		said    printed
	}{
		{[]string{"echo", "hello"}, 0, printed{out: "hello\n"}},
		{[]string{"sh", "-c", "echo $MARK >&2"}, 0, printed{err: "mine\n"}},
		{[]string{"sh", "-c", "exit 4"}, 4, printed{}},
	} {
		code, got := f.executed(f.startExec(id, "mine", engine.AttachOptions{}, test.command...))
		if code != test.code || got != test.said {
			f.Errorf("%q ended with %d and printed %q; want %d and %q", test.command, code, got, test.code, test.said)
		}
	}
	x := f.startExec(id, "mine", engine.AttachOptions{Stdin: true}, "cat")
	if isRunning, err := x.IsRunning(f.Context()); err != nil || !isRunning {
		f.Errorf("a command that waits for its input: running %t, %v", isRunning, err)
	}
	_, err := x.Write([]byte("over and back"))
	f.noError(err)
	f.noError(x.CloseWrite())
	if code, got := f.executed(x); code != 0 || got.out != "over and back" {
		f.Errorf("cat ended with %d and printed %q", code, got)
	}
	if isRunning, err := x.IsRunning(f.Context()); err != nil || isRunning {
		f.Errorf("a command that has ended: running %t, %v", isRunning, err)
	}
	if state := f.inspect(id); state.State != "running" {
		f.Errorf("the container is %s", state.State)
	}
}

func execWithTerminal(f *fixture) {
	id := f.running("db")
	x := f.startExec(id, "mine", engine.AttachOptions{TTY: true}, "sh", "-c", "echo said >&2")
	if code, got := f.executed(x); code != 0 || got.out != "said\r\n" && got.out != "said\n" || got.err != "" {
		f.Errorf("it ended with %d and printed %q; want all on stdout", code, got)
	}
	x = f.startExec(id, "mine", engine.AttachOptions{TTY: true, Stdin: true}, "cat")
	for x.Resize(f.Context(), engine.Size{Rows: 20, Columns: 70}) != nil && f.Context().Err() == nil {
		continue // it has only just started
	}
	f.noError(x.CloseWrite())
	if code, _ := f.executed(x); code != 0 {
		f.Errorf("cat at a terminal ended with %d", code)
	}
}

func execStartFails(f *fixture) {
	id := f.running("db")
	code, got := f.executed(f.startExec(id, "mine", engine.AttachOptions{}, "no-such-program"))
	if code != 126 && code != 127 {
		f.Errorf("a missing program ended with %d, want 126 or 127", code)
	}
	f.contains(got.out, "OCI runtime exec failed", "not found")
	stopped := f.create(f.spec("stopped"))
	_, err := f.engine.StartExec(f.Context(), stopped, engine.ExecCommand{Command: []string{"true"}}, engine.AttachOptions{})
	f.isConflict(err)
	_, err = f.engine.StartExec(f.Context(), f.project+"-nope", engine.ExecCommand{Command: []string{"true"}}, engine.AttachOptions{})
	f.isNotFound(err)
}

// execSignalled: who is connected to a command has no hold on it, but a program among the container's processes has.
func execSignalled(f *fixture) {
	id := f.running("db")
	other := f.startExec(id, "other", engine.AttachOptions{}, "sleep", "1000")
	deaf := f.startExec(id, "mine", engine.AttachOptions{}, "ignore", "INT")
	begun := make(chan struct{})
	copied := make(chan error, 1)
	go func() { copied <- deaf.Copy(&signalling{begun: begun}, &bytes.Buffer{}) }()
	<-begun
	if code := f.signal(id, "MARK=mine", syscall.SIGINT); code != wire.Ready {
		f.Errorf("SIGINT: the program ended with %d", code)
	}
	ctx, cancel := context.WithCancel(f.Context())
	cancel()
	if code, err := deaf.Exit(ctx); err == nil {
		f.Errorf("it ended with %d of a signal that it ignores, or was not waited for", code)
	}
	if code := f.signal(id, "MARK=mine", syscall.SIGKILL); code != wire.Ready {
		f.Errorf("SIGKILL: the program ended with %d", code)
	}
	f.noError(<-copied)
	code, err := deaf.Exit(f.Context())
	f.noError(err)
	if code != 137 {
		f.Errorf("killed, it ended with %d", code)
	}
	if code := f.signal(id, "MARK=mine", syscall.SIGTERM); code != wire.NoProcess {
		f.Errorf("for nobody, the program ended with %d", code)
	}
	f.noError(other.Close())
	if code := f.signal(id, "MARK=other", syscall.SIGTERM); code != wire.Ready {
		f.Errorf("for a command that nobody is connected to, the program ended with %d", code)
	}
	if code, err := other.Exit(f.Context()); code != 143 || err != nil {
		f.Errorf("terminated, it ended with %d, %v", code, err)
	}
}

// signal signals the processes of a container that have a mark.
func (f *fixture) signal(id, mark string, sig syscall.Signal) (code int) {
	f.Helper()
	_, arch, err := f.engine.Platform(f.Context())
	f.fatal(err)
	content, err := prober.Program(arch)
	f.fatal(err)
	state := f.inspect(id)
	spec := planner.SignalContainer(f.project, "db", "0123456789abcdef", &state.Container,
		planner.Program{Path: prober.Path, Content: content, Environ: prober.SignalEnviron(mark, int(sig))})
	exit, got := f.run(spec, engine.AttachOptions{}, "")
	if got != (printed{}) {
		f.Errorf("it said %q", got)
	}
	f.noError(f.engine.RemoveContainer(f.Context(), spec.Name, engine.RemoveVolumes))
	return exit.Code
}
