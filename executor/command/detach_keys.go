package command

import (
	"cmp"
	"fmt"
	"io"

	"github.com/moby/term"
)

// defaultDetachKeys are the engine's (moby, container/stream).
const defaultDetachKeys = "ctrl-p,ctrl-q"

// detachKeys are what leaves a command in a container at a terminal to itself.
func (r *Runner) detachKeys() string { return cmp.Or(r.DetachKeys, defaultDetachKeys) }

// CheckDetachKeys says what is wrong with detach keys, which are written as for `docker attach`: "ctrl-p,ctrl-q".
func CheckDetachKeys(keys string) error {
	if _, err := term.ToBytes(keys); err != nil {
		return fmt.Errorf("detachKeys %q of the docker configuration: %w: write letters and ctrl-<letter>, with commas between", keys, err)
	}
	return nil
}

// detachKeyReader ends the input where the detach keys are pressed.
func (r *Runner) detachKeyReader(in io.Reader) io.Reader {
	keys, err := term.ToBytes(r.detachKeys())
	if err != nil {
		panic(err) // checked when the session was made
	}
	return term.NewEscapeProxy(in, keys)
}

// commandInput is the input of a command in a container.
type commandInput interface {
	io.Writer
	CloseWrite() error
}

// copyInput passes input on to a command, aside; nil is an empty one. Where the command has the user's terminal, the detach keys are
// looked for, and the input ends with them: then left is called.
func (r *Runner) copyInput(s *tty, in io.Reader, to commandInput, onDetach func()) {
	if in != nil && s.isActive() {
		in = r.detachKeyReader(in)
	}
	s.goRestoring(func() {
		if in != nil {
			// Any other error is the command's not reading on, or the end of the run: neither is a failure.
			if _, err := io.Copy(to, in); isDetach(err) {
				onDetach()
				return
			}
		}
		_ = to.CloseWrite()
	})
}

// isDetach says whether the input ended by the detach keys.
func isDetach(err error) bool {
	_, detached := err.(term.EscapeError)
	return detached
}

// leave lets the container go on alone: nothing of it is removed, unless it is of a private project, of which nothing stays.
func (o *oneOffRun) detachRunning() {
	o.container.RemoveAfterRun, o.isDetached = false, true
	text := fmt.Sprintf("left alone; `docker attach %s` goes back to it", o.container.Name)
	if o.IsPrivate {
		text = "left alone, and so it ends: its project is private, and is removed with the run"
	} else {
		o.recordDetached()
	}
	o.Progress(text)
}

// recordDetached has the container be nobody's: its label goes on to say that it is this process's, which is about to end.
func (o *oneOffRun) recordDetached() {
	if o.DetachJournal == nil {
		return
	}
	if err := o.DetachJournal.RecordDetached(o.Project, o.container.ID); err != nil {
		o.Warn("the next command of the project removes container %s, as it takes it for a killed run's: %s", o.container.Name, err)
	}
}
