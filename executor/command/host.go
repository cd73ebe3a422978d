package command

import "os"

// Host runs commands on the machine of `tasks`. executor/host implements Host.
type Host interface {
	Start(cmd HostCommand) (HostProcess, error)
}

// HostCommand is a command for the host. The PATH of its environment finds the first argument.
type HostCommand struct {
	Args    []string
	Dir     string
	Env     []string
	Streams Streams
	// Foreground gives the command the terminal, as its foreground process group.
	Foreground bool
}

// HostProcess is a started command with all its child processes.
type HostProcess interface {
	// Signal and Kill reach the whole process group. After the end of the command both do nothing.
	Signal(os.Signal) error
	Kill() error
	// Wait returns the exit code, 128+n for signal n, after the end of the command and its output.
	Wait() (int, error)
}
