package view

import (
	"bytes"
	"io"

	"tasks/hclspec"
)

// masked writes on what it is given, with every secret replaced, also one that comes in several pieces: what may be the
// beginning of a secret is held back until the next write, or flush. It is for one goroutine at a time.
type masked struct {
	to      io.Writer
	secrets [][]byte
	// first has the bytes that secrets begin with.
	first [256]bool
	held  []byte
}

// mask gives a writer that replaces secrets, and what ends it; w itself where there are none.
func mask(w io.Writer, secrets hclspec.Secrets) (io.Writer, func()) {
	if len(secrets) == 0 {
		return w, func() {}
	}
	m := &masked{to: w}
	for _, s := range secrets {
		m.secrets = append(m.secrets, []byte(s))
		m.first[s[0]] = true
	}
	return m, m.flush
}

func (m *masked) Write(b []byte) (int, error) {
	text := b
	if len(m.held) > 0 {
		text = append(m.held, b...)
	}
	var out bytes.Buffer
	rest := m.scan(text, &out)
	m.held = bytes.Clone(rest)
	if out.Len() == 0 {
		return len(b), nil
	}
	_, err := m.to.Write(out.Bytes())
	return len(b), err
}

// scan copies text without its secrets, up to what may be the beginning of one, which it returns.
func (m *masked) scan(text []byte, out *bytes.Buffer) []byte {
	done := 0
	for i := 0; i < len(text); {
		if !m.first[text[i]] {
			i++
			continue
		}
		length, open := m.match(text[i:])
		switch {
		case open:
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
func (m *masked) match(text []byte) (length int, open bool) {
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
func (m *masked) flush() {
	text := m.held
	m.held = nil
	var out bytes.Buffer
	for len(text) > 0 {
		rest := m.closed(text, &out)
		text = rest
	}
	if out.Len() > 0 {
		_, _ = m.to.Write(out.Bytes())
	}
}

// closed copies a secret, masked, or one byte from the beginning of a text.
func (m *masked) closed(text []byte, out *bytes.Buffer) []byte {
	for _, secret := range m.secrets {
		if bytes.HasPrefix(text, secret) {
			out.WriteString(hclspec.Masked)
			return text[len(secret):]
		}
	}
	out.WriteByte(text[0])
	return text[1:]
}
