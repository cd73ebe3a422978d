// Package host runs commands on the host: each in a process group of its own, so that nothing that a command started
// outlives it, and, where it is wanted, as the owner of the terminal.
//
// On Unix a command that has the terminal takes part in job control: Ctrl-C and Ctrl-Z are its own keys, and when it
// is suspended the whole program is, so that the user's shell comes back and `fg` continues both. On Windows there are
// no groups and no job control: a signal and Kill reach the command itself only.
package host

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Command is what to run.
type Command struct {
	// Args is the program's name, followed by its arguments. A name without a slash is looked up in the PATH of Env;
	// one with a slash, and a relative entry of that PATH, start at Dir.
	Args []string
	// Dir is the working directory; empty: our own.
	Dir string
	// Env is the whole environment, as KEY=value; the last one of a key wins. nil: our own environment.
	Env []string
	// Stdin is read until the command ends; nil is an empty input. An *os.File is handed to the command itself. Any
	// other reader is read ahead of the command; a Read that blocks when the command ends is left behind, so the
	// reader should be one that can be cancelled.
	Stdin io.Reader
	// Stdout and Stderr get the output; nil throws it away. An *os.File is handed to the command itself. Where both
	// are one writer, at most one goroutine writes to it at a time.
	Stdout, Stderr io.Writer
	// Foreground is the terminal that the command gets; nil: none. While it runs, the command's process group is the
	// foreground one, and a nil stream means the terminal. Afterwards the terminal is taken back, in the mode it had.
	// Where we are in the background ourselves, or the file is not our controlling terminal, the command gets the
	// file but not the foreground.
	Foreground *os.File
}

// dir is the absolute working directory.
func (c Command) dir() (string, error) {
	return filepath.Abs(c.Dir)
}

// execCmd is the command in the form of os/exec, without streams.
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
	cmd.Env = cmd.Environ() // without duplicates, and with PWD where the environment is our own
	cmd.Path, err = lookPath(c.Args[0], dir, cmd.Env)
	return cmd, err
}

// checkDir reports a missing working directory in words of its own: the operating system's error would be read as the
// program's.
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
