package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"tasks/executor/engine"
)

// breakDelay is the time from the end of an output stream to the suspicion of a broken connection. The engine ends the
// stream together with the container, before the exit is known: usually a tenth of a second, on a busy machine more.
const breakDelay = 2 * time.Second

// copyResult is the end of a copy of a container's output.
type copyResult struct {
	err error
	// isRecovered reports whether the log gave output that the broken connection did not.
	isRecovered bool
}

// lostOutputError reports output that is lost: the connection broke, and the log cannot be read.
type lostOutputError struct{ reason error }

func (e *lostOutputError) Error() string {
	return fmt.Sprintf("the connection to the output of the container broke, so the rest of the output is lost. "+
		"The log of the container cannot be read instead: %s. "+
		"A proxy with a time limit may be the cause; any log driver but none keeps the output", e.reason)
}

func (e *lostOutputError) Unwrap() error { return e.reason }

// copyOutput copies the output of the container to its end. If the connection breaks before the end of the container,
// the rest comes from the log: byte for byte, because the streams of the log have the same bytes.
func (o *oneOffRun) copyOutput(ctx context.Context) copyResult {
	out, errOut := &countingWriter{w: o.counted(o.streams.Out)}, &countingWriter{w: o.counted(o.streams.Err)}
	err := o.attachment.Copy(out, errOut)
	if failed := errors.Join(out.err, errOut.err); failed != nil {
		return copyResult{err: failed}
	}
	if !o.isBroken(ctx, err) {
		return copyResult{}
	}
	o.restore() // the keys of the user reach the container no more: Ctrl-C is for this program again
	restOut, restErr := &restWriter{to: out, skip: out.count}, &restWriter{to: errOut, skip: errOut.count}
	logErr := o.Engine.StreamLog(
		ctx, o.container.ID, engine.LogOptions{Follow: true, Tail: -1}, restOut, restErr,
	)
	result := copyResult{isRecovered: restOut.hasWritten || restErr.hasWritten}
	switch failed := errors.Join(out.err, errOut.err); {
	case failed != nil:
		result.err = failed
	case ctx.Err() == nil && logErr != nil:
		result.err = &lostOutputError{logErr}
	}
	return result
}

// isBroken reports whether the output ended without the container. copyErr is the error of the connection.
func (o *oneOffRun) isBroken(ctx context.Context, copyErr error) bool {
	if copyErr == nil {
		select {
		case <-o.exited:
			return false
		case <-o.detachRequested:
			return false
		case <-ctx.Done():
			return false
		case <-time.After(breakDelay):
		}
		// A container at its end may take longer: the engine answers after the end.
		state, err := o.Engine.InspectContainer(ctx, o.container.ID)
		if err != nil || !state.State.IsRunning() {
			return false
		}
	}
	select {
	case <-o.detachRequested:
		return false
	default:
		return ctx.Err() == nil
	}
}

// outcomeOf returns the exit code of a container with the end of its output.
func (o *oneOffRun) outcomeOf(code int, output copyResult) (int, error) {
	if output.isRecovered {
		o.Warn("the connection to the output of the container broke: the rest of the output is from the log of the container")
	}
	_, isLost := errors.AsType[*lostOutputError](output.err)
	switch {
	case output.err == nil:
		return code, nil
	case isLost && code != 0:
		o.Warn("%s", output.err)
		return code, nil
	case isLost:
		return 0, output.err
	case errors.Is(output.err, syscall.EPIPE):
		return CodeReaderGone, nil // as in `tasks run x | head`: the reader has had enough
	case errors.Is(output.err, ErrOutputAbandoned):
		return code, nil
	}
	return 0, OutputError(output.err)
}

// countingWriter counts the written bytes, and keeps the first error.
type countingWriter struct {
	w     io.Writer
	count int64
	// isLineOpen reports whether the last byte is no line end.
	isLineOpen bool
	err        error
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.count += int64(n)
	if n > 0 {
		c.isLineOpen = p[n-1] != '\n'
	}
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// restWriter writes a log without its first bytes. A line end alone after an open line may be of the log: some
// engines end the last line of a log. So such a line end waits for more.
type restWriter struct {
	to         *countingWriter
	skip       int64
	hasWritten bool
	isHolding  bool
}

func (r *restWriter) Write(p []byte) (int, error) {
	rest := p[min(r.skip, int64(len(p))):]
	r.skip -= int64(len(p) - len(rest))
	switch {
	case len(rest) == 0:
		return len(p), nil
	case r.isHolding:
		rest, r.isHolding = append([]byte{'\n'}, rest...), false
	case !r.hasWritten && r.to.isLineOpen && string(rest) == "\n":
		r.isHolding = true
		return len(p), nil
	}
	r.hasWritten = true
	if _, err := r.to.Write(rest); err != nil {
		return 0, err
	}
	return len(p), nil
}
