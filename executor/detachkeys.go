package executor

import (
	"cmp"
	"fmt"
	"io"

	"github.com/moby/term"
)

// defaultDetachKeys are the engine's (moby, container/stream).
const defaultDetachKeys = "ctrl-p,ctrl-q"

// detachKeys are what leaves a command in a container at a terminal to itself.
func (w *worker) detachKeys() string { return cmp.Or(w.cfg.DetachKeys, defaultDetachKeys) }

// CheckDetachKeys says what is wrong with detach keys, which are written as for `docker attach`: "ctrl-p,ctrl-q".
func CheckDetachKeys(keys string) error {
	if _, err := term.ToBytes(keys); err != nil {
		return fmt.Errorf("detachKeys %q of the docker configuration: %w: write letters and ctrl-<letter>, with commas between", keys, err)
	}
	return nil
}

// watchingKeys ends the input where the detach keys are pressed.
func (w *worker) watchingKeys(in io.Reader) io.Reader {
	keys, err := term.ToBytes(w.detachKeys())
	if err != nil {
		panic(err) // checked when the session was made
	}
	return term.NewEscapeProxy(in, keys)
}

// sink is the input of a command in a container.
type sink interface {
	io.Writer
	CloseWrite() error
}

// feed passes input on to a command, aside; nil is an empty one. Where the command has the user's terminal, the detach keys are
// looked for, and the input ends with them: then left is called.
func (w *worker) feed(s *screen, in io.Reader, to sink, left func()) {
	if in != nil && s.lent() {
		in = w.watchingKeys(in)
	}
	s.guarded(func() {
		if in != nil {
			// Any other error is the command's not reading on, or the end of the run: neither is a failure.
			if _, err := io.Copy(to, in); isDetach(err) {
				left()
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
func (o *oneOffRun) leave() {
	o.container.remove, o.left = false, true
	text := fmt.Sprintf("left alone; `docker attach %s` goes back to it", o.container.name)
	if o.private() {
		text = "left alone, and so it ends: its project is private, and is removed with the run"
	} else {
		o.disown()
	}
	o.send <- outcome{id: o.step.ID, notice: &Notice{Happening: Progressed, Text: text}}
}

// disown has the container be nobody's: its label goes on to say that it is this process's, which is about to end.
func (o *oneOffRun) disown() {
	if o.cfg.Containers == nil {
		return
	}
	if err := o.cfg.Containers.Left(o.project(), o.container.id); err != nil {
		o.warn("the next command of the project removes container %s, as it takes it for a killed run's: %s", o.container.name, err)
	}
}
