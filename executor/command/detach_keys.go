package command

import (
	"cmp"
	"fmt"
	"io"

	"github.com/moby/term"
)

// defaultDetachKeys are the engine's keys (moby, container/stream).
const defaultDetachKeys = "ctrl-p,ctrl-q"

// detachKeys detach from a command in a container at a terminal.
func (r *Runner) detachKeys() string { return cmp.Or(r.DetachKeys, defaultDetachKeys) }

// CheckDetachKeys checks detach keys in the syntax of `docker attach`: "ctrl-p,ctrl-q".
func CheckDetachKeys(keys string) error {
	if _, err := term.ToBytes(keys); err != nil {
		const advice = "write letters and ctrl-<letter>, with commas between"
		return fmt.Errorf("detachKeys %q of the docker configuration: %w: %s", keys, err, advice)
	}
	return nil
}

// detachKeyReader returns an input with an end at the detach keys.
func (r *Runner) detachKeyReader(in io.Reader) io.Reader {
	keys, err := term.ToBytes(r.detachKeys())
	if err != nil {
		panic(err) // the start of the session has checked the keys
	}
	return term.NewEscapeProxy(in, keys)
}

// commandInput is the input of a command in a container.
type commandInput interface {
	io.Writer
	CloseWrite() error
}

// copyInput copies input to a command in the background; nil is an empty input. At
// the user's terminal the detach keys end the input, and copyInput calls onDetach.
func (r *Runner) copyInput(s *tty, in io.Reader, to commandInput, onDetach func()) {
	if in != nil && s.isActive() {
		in = r.detachKeyReader(in)
	}
	s.goRestoring(func() {
		if in != nil {
			// Any other error is the end of the command's stdin, or of the run: neither is a failure.
			if _, err := io.Copy(to, in); isDetach(err) {
				onDetach()
				return
			}
		}
		_ = to.CloseWrite()
	})
}

// isDetach reports whether the detach keys ended the input.
func isDetach(err error) bool {
	_, detached := err.(term.EscapeError)
	return detached
}

// detachRunning leaves the container running: the cleanup does not remove it. A
// container of a private project is removed with the project.
func (o *oneOffRun) detachRunning() {
	o.container.RemoveAfterRun, o.isDetached = false, true
	text := fmt.Sprintf("detached; reattach with `docker attach %s`", o.container.Name)
	if o.IsPrivate {
		text = "detached: stopping, because the private project is removed with the run"
	} else {
		o.recordDetached()
	}
	o.Progress(text)
}

// recordDetached records that the one-off has no owner. Its label still names this
// process, and this process is about to end.
func (o *oneOffRun) recordDetached() {
	if o.DetachJournal == nil {
		return
	}
	if err := o.DetachJournal.RecordDetached(o.Project, o.container.ID); err != nil {
		const warning = "the next command of the project removes container %s, as it takes it for a killed run's: %s"
		o.Warn(warning, o.container.Name, err)
	}
}
