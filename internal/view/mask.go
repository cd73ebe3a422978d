package view

import (
	"bytes"
	"cmp"
	"io"
	"slices"

	"tasks/hclspec"
)

// maskWriter replaces every secret in the text for a writer, even a secret spread over several writes. Overlapping
// secrets become one mask. A possible beginning of a secret waits for the next write, or for flush. For one goroutine
// at a time.
type maskWriter struct {
	w       io.Writer
	search  *secretSearch
	pending []byte
}

// newMaskWriter returns a masking writer and the function to flush at the end; without secrets, w.
func newMaskWriter(w io.Writer, secrets hclspec.Secrets) (io.Writer, func() error) {
	if len(secrets) == 0 {
		return w, func() error { return nil }
	}
	m := &maskWriter{w: w, search: newSecretSearch(secrets)}
	return m, m.flush
}

func (m *maskWriter) Write(b []byte) (int, error) {
	text := b
	if len(m.pending) > 0 {
		text = append(m.pending, b...)
	}
	out, rest := m.search.mask(text, false)
	m.pending = bytes.Clone(rest)
	if len(out) == 0 {
		return len(b), nil
	}
	_, err := m.w.Write(out)
	return len(b), err
}

// flush writes the held text. No longer secret can follow, but a shorter secret may be part of the text.
func (m *maskWriter) flush() error {
	out, _ := m.search.mask(m.pending, true)
	m.pending = nil
	if len(out) == 0 {
		return nil
	}
	_, err := m.w.Write(out)
	return err
}

// keyLength is the greatest length of the keys of a search.
const keyLength = 4

// secretSearch finds secrets in text. Few places of a text begin like a secret, so a table of the beginnings decides
// at most places.
type secretSearch struct {
	// length is the length of a key: the first bytes of a secret. No secret is shorter.
	length int
	// byKey are the secrets by key, the longest first.
	byKey map[string][][]byte
	// mayBegin reports, for a hash of a key, whether a secret may have the key.
	mayBegin [1 << 16]bool
	// beginnings are the beginnings of secrets that are shorter than a key.
	beginnings map[string]bool
}

func newSecretSearch(secrets hclspec.Secrets) *secretSearch {
	s := &secretSearch{length: keyLength, byKey: map[string][][]byte{}, beginnings: map[string]bool{}}
	for _, secret := range secrets {
		s.length = min(s.length, max(len(secret), 1))
	}
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		key := secret[:s.length]
		s.byKey[key] = append(s.byKey[key], []byte(secret))
		s.mayBegin[s.hash([]byte(secret))] = true
		for length := 1; length < s.length; length++ {
			s.beginnings[secret[:length]] = true
		}
	}
	for _, list := range s.byKey {
		slices.SortStableFunc(list, func(a, b []byte) int { return cmp.Compare(len(b), len(a)) })
	}
	return s
}

// hash returns a hash of the key at the start of a text.
func (s *secretSearch) hash(text []byte) uint16 {
	if s.length == keyLength {
		key := uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
		return uint16((key * 0x9e3779b1) >> 16)
	}
	var key uint32
	for _, b := range text[:s.length] {
		key = key<<8 | uint32(b)
	}
	return uint16((key * 0x9e3779b1) >> 16)
}

// mask returns a text without the secrets. rest is the end of the text that may belong to a secret with more text to
// follow; empty at the end of the whole text.
func (s *secretSearch) mask(text []byte, isEnd bool) (out, rest []byte) {
	hidden, open := s.find(text)
	if isEnd {
		open = len(text)
	}
	shown := 0
	for _, h := range hidden {
		if h.end > open {
			open = min(open, h.start) // a secret that reaches into the open text may overlap a later secret
			break
		}
		out = append(out, text[shown:h.start]...)
		out = append(out, hclspec.Masked...)
		shown = h.end
	}
	return append(out, text[shown:open]...), text[open:]
}

// textSpan is a part of a text.
type textSpan struct{ start, end int }

// find returns the secrets in a text, in order, with overlapping secrets as one. open is the first place from which
// the rest of the text is the beginning of a longer secret, or the length of the text.
func (s *secretSearch) find(text []byte) (hidden []textSpan, open int) {
	open = len(text)
	at := 0
	for ; at+s.length <= len(text); at++ {
		if !s.mayBegin[s.hash(text[at:])] {
			continue
		}
		length, isOpen := s.match(text[at:])
		if isOpen {
			open = min(open, at)
		}
		last := len(hidden) - 1
		switch {
		case length == 0:
		case last >= 0 && at < hidden[last].end:
			hidden[last].end = max(hidden[last].end, at+length)
		default:
			hidden = append(hidden, textSpan{at, at + length})
		}
	}
	for ; at < open; at++ {
		if s.beginnings[string(text[at:])] {
			open = at
		}
	}
	return hidden, open
}

// match returns the length of the longest secret at the start of a text, 0 for none. isOpen reports whether the text
// ends within a longer secret.
func (s *secretSearch) match(text []byte) (length int, isOpen bool) {
	for _, secret := range s.byKey[string(text[:s.length])] {
		switch {
		case len(secret) > len(text):
			isOpen = isOpen || bytes.HasPrefix(secret, text)
		case bytes.HasPrefix(text, secret):
			return len(secret), isOpen
		}
	}
	return 0, isOpen
}
