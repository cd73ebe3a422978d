package enginetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
)

func exitAndOutput(f *fixture) {
	exit, got := f.run(f.spec("job", "STDOUT=out\n", "STDERR=err\n", "EXIT_CODE=3"), engine.AttachOptions{}, "")
	if exit.Code != 3 || exit.Err != nil {
		f.Errorf("exit %+v, want code 3", exit)
	}
	if want := (printed{"out\n", "err\n"}); got != want {
		f.Errorf("printed %q, want %q", got, want)
	}
	state := f.inspect(f.project + "-job")
	if state.State != "exited" || state.ExitCode != 3 {
		f.Errorf("%s with code %d, want exited with 3", state.State, state.ExitCode)
	}
}

func noByteLost(f *fixture) {
	text := strings.Repeat("0123456789abcde\n", 4000)
	_, got := f.run(f.spec("job", "STDOUT="+text), engine.AttachOptions{}, "")
	if got.out != text {
		f.Errorf("%d bytes arrived of %d", len(got.out), len(text))
	}
}

func stdin(f *fixture) {
	spec := f.spec("job", "ECHO_STDIN=1", "EXIT_CODE=4")
	spec.StdinOpen = true
	exit, got := f.run(spec, engine.AttachOptions{Stdin: true}, "over and back")
	if exit.Code != 4 || got.out != "over and back" {
		f.Errorf("exit %+v, printed %q; want 4 and what went in", exit, got.out)
	}
}

func terminal(f *fixture) {
	spec := f.spec("job", "STDOUT=out ", "STDERR=err ")
	spec.TTY = true
	exit, got := f.run(spec, engine.AttachOptions{TTY: true}, "")
	if exit.Code != 0 || got.err != "" {
		f.Errorf("exit %+v, stderr %q; want 0, and all on stdout", exit, got.err)
	}
	f.contains(got.out, "out ", "err ")
	if !f.inspect(f.project + "-job").TTY {
		f.Error("the container says that it has no terminal")
	}
}

func waitEnds(f *fixture) {
	id := f.create(f.spec("job", "SLEEP=forever"))
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(f.Context())
	exits, err := f.engine.Wait(ctx, id)
	f.fatal(err)
	f.start(id)
	cancel(stop)
	if exit := f.exit(exits); !errors.Is(exit.Err, stop) {
		f.Errorf("exit %+v, want the cause", exit)
	}
}

func closedUnderCopy(f *fixture) {
	id := f.create(f.spec("job", "STDOUT=begun", "SLEEP=forever"))
	attached, err := f.engine.Attach(f.Context(), id, engine.AttachOptions{})
	f.fatal(err)
	f.start(id)
	begun := make(chan struct{})
	copied := make(chan error, 1)
	go func() { copied <- attached.Copy(&signalling{begun: begun}, io.Discard) }()
	<-begun
	f.noError(attached.Close())
	f.noError(<-copied)
	f.noError(attached.Close())
}

// signalling closes begun at the first byte.
type signalling struct{ begun chan struct{} }

func (s *signalling) Write(p []byte) (int, error) {
	if s.begun != nil {
		close(s.begun)
		s.begun = nil
	}
	return len(p), nil
}

func execute(f *fixture) {
	id := f.running("db")
	tests := []struct {
		command []string
		code    int
		output  string
	}{
		{[]string{"echo", "hello"}, 0, "hello\n"},
		{[]string{"sh", "-c", "exit 4"}, 4, ""},
	}
	for _, test := range tests {
		result, err := f.engine.Exec(f.Context(), id, engine.ExecCommand{Command: test.command})
		f.noError(err)
		if result.ExitCode != test.code || result.Output != test.output {
			f.Errorf("%q gave %+v, want %d and %q", test.command, result, test.code, test.output)
		}
	}
	executeOtherwise(f, id)
	result, err := f.engine.Exec(f.Context(), id, engine.ExecCommand{Command: []string{"no-such-program"}})
	f.noError(err)
	if result.ExitCode != 126 && result.ExitCode != 127 {
		f.Errorf("a missing program gave %+v, want 126 or 127", result)
	}
}

// executeOtherwise is about what a command has of its own.
func executeOtherwise(f *fixture, id string) {
	word := "its own"
	result, err := f.engine.Exec(f.Context(), id, engine.ExecCommand{
		Command: []string{"sh", "-c", "echo $WORD >&2"}, Env: types.MappingWithEquals{"WORD": &word},
	})
	f.noError(err)
	if result.Output != "its own\n" || result.Stderr != "its own\n" {
		f.Errorf("a command with a variable, on stderr, gave %+v", result)
	}
	result, err = f.engine.Exec(f.Context(), id, engine.ExecCommand{Command: []string{"sh", "-c", "echo $WORD"}})
	f.noError(err)
	if result.Output != "\n" || result.Stderr != "" {
		f.Errorf("a command without it, on stdout, gave %+v", result)
	}
}

func executeStopped(f *fixture) {
	id := f.create(f.spec("db"))
	_, err := f.engine.Exec(f.Context(), id, engine.ExecCommand{Command: []string{"true"}})
	f.isConflict(err)
	_, err = f.engine.Exec(f.Context(), f.project+"-nope", engine.ExecCommand{Command: []string{"true"}})
	f.isNotFound(err)
}

func logs(f *fixture) {
	f.run(f.spec("job", "STDOUT=one\ntwo\nthree\n"), engine.AttachOptions{}, "")
	text, err := f.engine.Logs(f.Context(), f.project+"-job", 2)
	f.noError(err)
	if text != "two\nthree\n" {
		f.Errorf("the last two lines are %q", text)
	}
	_, err = f.engine.Logs(f.Context(), f.project+"-nope", 2)
	f.isNotFound(err)
}

// streamLog: the log has the bytes of each stream. Some engines add a line end to an open last line.
func streamLog(f *fixture) {
	_, got := f.run(f.spec("job", "STDOUT=one\ntwo", "STDERR=three\n\nfour\n"), engine.AttachOptions{}, "")
	for _, follow := range []bool{false, true} {
		var out, errOut bytes.Buffer
		options := engine.LogOptions{Follow: follow, Tail: -1}
		f.noError(f.engine.StreamLog(f.Context(), f.project+"-job", options, &out, &errOut))
		if strings.TrimSuffix(out.String(), "\n") != got.out || errOut.String() != got.err {
			f.Errorf("follow %t: the log is %q and %q, printed was %q", follow, out.String(), errOut.String(), got)
		}
	}
}

// logsOfARestart: the policy starts the container again, until it has had its attempts. The log is that of the last
// run, whether that goes on or not.
func logsOfARestart(f *fixture) {
	spec := f.spec("db", "STDOUT=run\n", "EXIT_CODE=3")
	spec.OneOff, spec.Service.Restart = false, "on-failure:2"
	id := f.create(spec)
	f.start(id)
	f.untilState(id, "exited")
	if state := f.inspect(id); state.Restarts != 2 || state.ExitCode != 3 || state.StartedAt.IsZero() {
		f.Errorf("%d restarts, exit code %d, started at %s", state.Restarts, state.ExitCode, state.StartedAt)
	}
	text, err := f.engine.Logs(f.Context(), id, 10)
	f.noError(err)
	if text != "run\n" {
		f.Errorf("the log of the last run is %q", text)
	}
}
