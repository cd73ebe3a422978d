package view

import (
	"bytes"
	"io"

	"tasks/hclspec"
)

// maskWriter writes on what it is given, with every secret replaced, also one that comes in several pieces: what may be the
// beginning of a secret is held back until the next write, or flush. It is for one goroutine at a time.
type maskWriter struct {
	w       io.Writer
	secrets [][]byte
	// firstBytes has the bytes that secrets begin with.
	firstBytes [256]bool
	pending    []byte
}

// newMaskWriter gives a writer that replaces secrets, and what ends it; w itself where there are none.
func newMaskWriter(w io.Writer, secrets hclspec.Secrets) (io.Writer, func()) {
	if len(secrets) == 0 {
		return w, func() {}
	}
	m := &maskWriter{w: w}
	for _, s := range secrets {
		m.secrets = append(m.secrets, []byte(s))
		m.firstBytes[s[0]] = true
	}
	return m, m.flush
}

func (m *maskWriter) Write(b []byte) (int, error) {
	text := b
	if len(m.pending) > 0 {
		text = append(m.pending, b...)
	}
	var out bytes.Buffer
	rest := m.maskText(text, &out)
	m.pending = bytes.Clone(rest)
	if out.Len() == 0 {
		return len(b), nil
	}
	_, err := m.w.Write(out.Bytes())
	return len(b), err
}

// maskText copies text without its secrets, up to what may be the beginning of one, which it returns.
func (m *maskWriter) maskText(text []byte, out *bytes.Buffer) []byte {
	done := 0
	for i := 0; i < len(text); {
		if !m.firstBytes[text[i]] {
			i++
			continue
		}
		length, isOpen := m.match(text[i:])
		switch {
		case isOpen:
			out.Write(text[done:i])
			return text[i:]
		case length > 0:
			out.Write(text[done:i])
			out.WriteString(hclspec.Masked)
			i += length
			done = i
		default:
			i++
		}
	}
	out.Write(text[done:])
	return nil
}

// match gives the length of the longest secret that a text begins with, 0 for none. It is open where the text ends
// within a longer one.
func (m *maskWriter) match(text []byte) (length int, isOpen bool) {
	for _, secret := range m.secrets { // the longest first
		if len(secret) > len(text) {
			if bytes.HasPrefix(secret, text) {
				return 0, true
			}
			continue
		}
		if bytes.HasPrefix(text, secret) {
			return len(secret), false
		}
	}
	return 0, false
}

// flush writes what was held back: nothing follows that would make a longer secret of it, but it may hold a shorter one.
func (m *maskWriter) flush() {
	text := m.pending
	m.pending = nil
	var out bytes.Buffer
	for len(text) > 0 {
		rest := m.maskNext(text, &out)
		text = rest
	}
	if out.Len() > 0 {
		_, _ = m.w.Write(out.Bytes())
	}
}

// maskNext copies a secret, masked, or one byte from the beginning of a text.
func (m *maskWriter) maskNext(text []byte, out *bytes.Buffer) []byte {
	for _, secret := range m.secrets {
		if bytes.HasPrefix(text, secret) {
			out.WriteString(hclspec.Masked)
			return text[len(secret):]
		}
	}
	out.WriteByte(text[0])
	return text[1:]
}
