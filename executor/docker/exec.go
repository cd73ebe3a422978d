package docker

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/executor/engine"
)

// execTail is the kept size of a command's output, in bytes.
const execTail = 4 << 10

// Exec implements [engine.Engine]. The API cannot end a command. After the end of ctx, the command continues in the
// container.
func (e *Engine) Exec(ctx context.Context, id string, cmd engine.ExecCommand) (engine.ExecResult, error) {
	var done engine.ExecResult
	err := e.call(ctx, "run "+firstWord(cmd.Command)+" in container "+shortID(id), func(api *client.Client) error {
		created, err := api.ExecCreate(ctx, id, client.ExecCreateOptions{
			User: cmd.User, WorkingDir: cmd.Workdir, Cmd: cmd.Command, Env: environmentList(cmd.Env),
			Privileged:   cmd.Privileged,
			AttachStdout: true, AttachStderr: true,
		})
		if err != nil {
			return err
		}
		output, stderr, err := execOutput(ctx, api, created.ID)
		if err != nil {
			return err
		}
		result, err := api.ExecInspect(ctx, created.ID, client.ExecInspectOptions{})
		if err == nil && result.Running {
			err = fmt.Errorf("the connection ended before the command did")
		}
		done = engine.ExecResult{ExitCode: result.ExitCode, Output: output, Stderr: stderr}
		return err
	})
	return done, err
}

func firstWord(command []string) string {
	if len(command) == 0 {
		return "a command"
	}
	return strconv.Quote(command[0])
}

// execOutput starts the command. The results are the tails of the whole output and of stderr.
func execOutput(ctx context.Context, api *client.Client, exec string) (output, stderr string, err error) {
	stream, err := hijack(ctx, func() (client.HijackedResponse, error) {
		result, err := api.ExecAttach(ctx, exec, client.ExecAttachOptions{})
		return result.HijackedResponse, err
	})
	if err != nil {
		return "", "", err
	}
	defer context.AfterFunc(ctx, stream.Close)()
	defer stream.Close()
	both, errOut := tail{limit: execTail}, tail{limit: execTail}
	if _, err := stdcopy.StdCopy(&both, io.MultiWriter(&both, &errOut), stream.Reader); err != nil {
		return "", "", err
	}
	return both.text(), errOut.text(), nil
}

// tail keeps the last bytes.
type tail struct {
	limit int
	bytes []byte
	isCut bool
}

// text returns the kept bytes, with "…" at the start where bytes before are missing. By this mark a mask finds the end
// of a secret.
func (t *tail) text() string {
	const mark = "…"
	if t.isCut && len(t.bytes) > len(mark) {
		return mark + string(t.bytes[len(mark):])
	}
	return string(t.bytes)
}

func (t *tail) Write(p []byte) (int, error) {
	t.isCut = t.isCut || len(t.bytes)+len(p) > t.limit
	t.bytes = append(t.bytes, p[max(0, len(p)-t.limit):]...)
	if extra := len(t.bytes) - t.limit; extra > 0 {
		t.bytes = slices.Delete(t.bytes, 0, extra)
	}
	return len(p), nil
}

// Logs implements [engine.Engine].
func (e *Engine) Logs(ctx context.Context, id string, lines int) (string, error) {
	var text strings.Builder
	err := e.call(ctx, "read the logs of container "+shortID(id), func(api *client.Client) error {
		answer, err := api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
		if err != nil {
			return err
		}
		since := logStart(answer.Container.State, startLag)
		err = readLog(ctx, api, answer.Container, lines, since, &text)
		earlier := logStart(answer.Container.State, busyStartLag)
		if err != nil || text.Len() > 0 || earlier == since {
			return err
		}
		return readLog(ctx, api, answer.Container, lines, earlier, &text)
	})
	return text.String(), err
}

// readLog writes the last lines of a container's log since a time; an empty time stands for all.
func readLog(
	ctx context.Context, api *client.Client, c container.InspectResponse, lines int, since string, text *strings.Builder,
) error {
	stream, err := api.ContainerLogs(ctx, c.ID, client.ContainerLogsOptions{
		ShowStdout: true, ShowStderr: true, Tail: strconv.Itoa(lines), Since: since,
	})
	if err != nil {
		return err
	}
	defer stream.Close()
	return demultiplex(stream, c.Config != nil && c.Config.Tty, text, text)
}
