// Package wire describes the arguments and results of the holder. The program and its callers use the same values.
package wire

// Path is the program's path in a container. Every image has a root directory, but no image must have another.
const Path = "/.tasks-holder"

// The modes of the program are the first argument. In the mode Hold, the program waits. In the mode Remove, the program
// removes its file as soon as the waiting process listens to signals.
const (
	Hold   = "hold"
	Remove = "remove"
)

// The positions of the arguments in the mode Hold. All from Command on are the command with its arguments.
const (
	Token     = 2
	Directory = 3
	Command   = 4
)

// Release is the signal for the command to begin.
const (
	Release     = 10
	ReleaseName = "SIGUSR1"
)

// Dismiss is the signal that makes a waiting process refuse its command. A command does not notice the signal: every
// program without a handler ignores the signal, also as the first process of a container.
const (
	Dismiss     = 23
	DismissName = "SIGURG"
)

// The exit codes. After Refused, the token is on stderr between two zero bytes.
const (
	Refused = 127
	Failed  = 1
)

// ReadyTries is the number of milliseconds that the mode Remove waits for the other process.
const ReadyTries = 5000

// Refusal returns the output of a waiting process that could not become its command.
func Refusal(token string) string { return "\x00" + token + "\x00" }
