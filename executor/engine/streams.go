package engine

import (
	"context"
	"io"

	"github.com/compose-spec/compose-go/v2/types"
)

// AttachOptions are the options of a connection to streams. Stdout and stderr are always connected.
type AttachOptions struct {
	Stdin bool
	// TTY reports whether the container has a terminal, with a single merged stream.
	TTY bool
	// DetachKeys end the engine's side of a connection with a terminal: "ctrl-p,ctrl-q". Empty: the engine's own keys.
	DetachKeys string
	// Size is the terminal size of a started command; zero: unknown. Engines before API 1.42 get the size later.
	Size Size
}

// Attachment is the connection to a container's streams.
type Attachment interface {
	// Copy writes the output of the container until its end: demultiplexed, or all to stdout with a TTY. Copy returns
	// the first error of a writer or of the connection.
	Copy(stdout, stderr io.Writer) error
	// Write sends to the container's stdin. CloseWrite ends stdin, and types Ctrl-D for a terminal. A single
	// goroutine calls both.
	io.Writer
	CloseWrite() error
	// Close ends the connection; an active Copy returns.
	Close() error
}

// Execution is a started command in a running container. The engine can neither signal nor end the command. The command
// survives the end of the connection.
type Execution interface {
	// Attachment is the connection to the streams. Copy may end before the command, because a command may close its
	// streams. Copy may end a little after the command, where a child process still has the streams open.
	Attachment
	// Resize sets the size of the command's terminal.
	Resize(ctx context.Context, size Size) error
	// IsRunning reports whether the command has not ended yet.
	IsRunning(ctx context.Context) (bool, error)
	// Exit waits for the end of the command and returns the exit code. Exit may be called more than once.
	Exit(ctx context.Context) (code int, err error)
}

// Exit is the end of a container. Err is set where the engine has no answer.
type Exit struct {
	Code int
	Err  error
}

// Size is the size of a terminal in character cells.
type Size struct{ Rows, Columns uint }

// ExecCommand is a command for a running container. Empty User and Workdir are the container's own.
type ExecCommand struct {
	Command       []string
	User, Workdir string
	// Env overrides the container's environment. A name without a value removes the variable.
	Env types.MappingWithEquals
	// Privileged gives the command all capabilities, independent of the container.
	Privileged bool
}

// ExecResult is the end of a command.
type ExecResult struct {
	ExitCode int
	// Output is the last 4 KiB of stdout and stderr together, Stderr the last 4 KiB of stderr alone.
	Output, Stderr string
}
