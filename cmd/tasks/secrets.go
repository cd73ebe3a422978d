package main

import (
	"io"
	"sync/atomic"

	"tasks/hclspec"
)

// secretHolder are those of the tasks at hand, which nothing that this program prints may show. None where it is nil. Safe for
// concurrent use.
type secretHolder struct {
	current atomic.Pointer[hclspec.Secrets]
}

func (s *secretHolder) set(all hclspec.Secrets) { s.current.Store(&all) }

func (s *secretHolder) get() hclspec.Secrets {
	if s == nil {
		return nil
	}
	if all := s.current.Load(); all != nil {
		return *all
	}
	return nil
}

// mask replaces the secrets in a text.
func (s *secretHolder) mask(text string) string { return s.get().Mask(text) }

// maskedWriter masks what the program says itself. It never splits a value over two writes.
type maskedWriter struct {
	secrets *secretHolder
	w       io.Writer
}

func (w maskedWriter) Write(b []byte) (int, error) {
	all := w.secrets.get()
	if len(all) == 0 {
		return w.w.Write(b)
	}
	_, err := io.WriteString(w.w, all.Mask(string(b)))
	return len(b), err
}

// maskedStdout is stdout for what the program says itself, err stderr: secrets are masked.
func (a *app) maskedStdout() io.Writer { return maskedWriter{a.secrets, a.stdout} }

func (a *app) maskedStderr() io.Writer { return maskedWriter{a.secrets, a.stderr} }
