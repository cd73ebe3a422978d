package view

import (
	"bytes"
	"io"

	"tasks/hclspec"
)

// maskWriter replaces every secret in the text for a writer, even a secret spread over several writes. A possible
// beginning of a secret waits for the next write, or for flush. For one goroutine at a time.
type maskWriter struct {
	w       io.Writer
	secrets [][]byte
	// firstBytes has the first byte of each secret.
	firstBytes [256]bool
	pending    []byte
}

// newMaskWriter returns a masking writer and the function to flush at the end; without secrets, w.
func newMaskWriter(w io.Writer, secrets hclspec.Secrets) (io.Writer, func() error) {
	if len(secrets) == 0 {
		return w, func() error { return nil }
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

// maskText copies text without the secrets, and returns a possible beginning of a secret at the end.
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

// match returns the length of the longest secret at the start of a text, 0 for none. isOpen reports whether the text
// ends within a longer secret.
func (m *maskWriter) match(text []byte) (length int, isOpen bool) {
	for _, secret := range m.secrets { // longest first
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

// flush writes the held text. No longer secret can follow, but a shorter secret may be part of the text.
func (m *maskWriter) flush() error {
	text := m.pending
	m.pending = nil
	var out bytes.Buffer
	for len(text) > 0 {
		rest := m.maskNext(text, &out)
		text = rest
	}
	if out.Len() == 0 {
		return nil
	}
	_, err := m.w.Write(out.Bytes())
	return err
}

// maskNext copies one byte from the start of a text, or masks a secret there, and returns the rest.
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
