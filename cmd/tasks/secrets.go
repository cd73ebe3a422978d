package main

import (
	"io"
	"sync/atomic"

	"tasks/hclspec"
)

// secrets are those of the tasks at hand, which nothing that this program prints may show. None where it is nil. Safe for
// concurrent use.
type secrets struct {
	now atomic.Pointer[hclspec.Secrets]
}

func (s *secrets) set(all hclspec.Secrets) { s.now.Store(&all) }

func (s *secrets) get() hclspec.Secrets {
	if s == nil {
		return nil
	}
	if all := s.now.Load(); all != nil {
		return *all
	}
	return nil
}

// mask replaces the secrets in a text.
func (s *secrets) mask(text string) string { return s.get().Mask(text) }

// maskedWriter masks what the program says itself. It never splits a value over two writes.
type maskedWriter struct {
	secrets *secrets
	to      io.Writer
}

func (w maskedWriter) Write(b []byte) (int, error) {
	all := w.secrets.get()
	if len(all) == 0 {
		return w.to.Write(b)
	}
	_, err := io.WriteString(w.to, all.Mask(string(b)))
	return len(b), err
}

// out is stdout for what the program says itself, err stderr: secrets are masked.
func (a *app) out() io.Writer { return maskedWriter{a.secrets, a.stdout} }

func (a *app) err() io.Writer { return maskedWriter{a.secrets, a.stderr} }
