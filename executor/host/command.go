// Package host runs commands on the host. Each command has its own process group, so that no process of a command
// outlives the command. A command can own the terminal.
//
// On Unix, a command with the terminal takes part in job control: Ctrl-C and Ctrl-Z go to the command. If the command
// is suspended, tasks is suspended too. The user's shell returns, and `fg` continues both. Windows has no groups and no
// job control: a signal and Kill reach only the command itself.
package host

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Command describes a command.
type Command struct {
	// Args is the program's name, followed by its arguments. A name without a slash is looked up in the PATH of Env. A
	// name with a slash is relative to Dir, and so is a relative entry of PATH.
	Args []string
	// Dir is the working directory. Empty means the working directory of tasks.
	Dir string
	// Env is the whole environment, as KEY=value. The last entry of a key wins. Nil means the environment of tasks.
	Env []string
	// Stdin is read until the command ends. Nil is an empty input. An *os.File is passed to the command. Any other
	// reader is read ahead of the command. A blocked Read is abandoned at the end of the command, so the reader should
	// be cancelable.
	Stdin io.Reader
	// Stdout and Stderr receive the output. Nil drops the output. An *os.File is passed to the command, and so is
	// the file of a writer with a method File. If both are the same writer, at most one goroutine writes at a time.
	Stdout, Stderr io.Writer
	// Foreground is the terminal of the command, or nil. While the command runs, its process group is in the
	// foreground, and a nil stream means the terminal. Afterwards tasks takes the terminal back, in the previous mode.
	// The command gets the file without the foreground in two cases: tasks is in the background, or the file is not the
	// controlling terminal of tasks.
	Foreground *os.File
}

// dir returns the absolute working directory.
func (c Command) dir() (string, error) {
	return filepath.Abs(c.Dir)
}

// execCmd converts the command to os/exec, without streams.
func (c Command) execCmd() (*exec.Cmd, error) {
	if len(c.Args) == 0 || c.Args[0] == "" {
		return nil, &StartError{Code: codeNotRun, Name: "", Reason: "there is no command: its first word is empty"}
	}
	dir, err := c.dir()
	if err != nil {
		return nil, &StartError{Code: codeNotRun, Name: c.Args[0], Reason: "cannot tell the working directory", Err: err}
	}
	if err := checkDir(c.Args[0], dir); err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{Args: c.Args, Dir: dir, Env: c.Env}
	cmd.Env = cmd.Environ() // without duplicates, and with PWD if Env is nil
	cmd.Path, err = lookPath(c.Args[0], dir, cmd.Env)
	return cmd, err
}

// checkDir reports a missing working directory. The operating system's error would look like an error of the program.
func checkDir(name, dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return &StartError{Code: codeNotRun, Name: name, Reason: "its working directory " + dir + " cannot be used", Err: err}
	case !info.IsDir():
		return &StartError{Code: codeNotRun, Name: name, Reason: "its working directory " + dir + " is not a directory"}
	}
	return nil
}
