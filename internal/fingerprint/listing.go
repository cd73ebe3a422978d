package fingerprint

import (
	"encoding/binary"
	"strings"
)

// listing is what was found at one look: the files and their hashes, by name. It is what spares the next look the reading.
type listing map[string]entry

type entry struct {
	seen look
	sum  digest
}

// listingVersion stands at the beginning of a listing, and changes with its form. What has another is no listing.
const listingVersion = "tasks inputs 1\n"

// encode writes the entries that a later look may rely on.
func (l listing) encode() []byte {
	out := make([]byte, 0, len(listingVersion)+len(l)*100)
	out = append(out, listingVersion...)
	for name, e := range l {
		out = binary.AppendUvarint(out, uint64(len(name)))
		out = append(out, name...)
		out = binary.AppendVarint(out, e.seen.size)
		out = binary.AppendVarint(out, e.seen.modified)
		out = binary.AppendVarint(out, e.seen.changed)
		out = binary.AppendUvarint(out, e.seen.inode)
		out = append(out, bit(e.seen.executable))
		out = append(out, e.sum[:]...)
	}
	return out
}

func bit(set bool) byte {
	if set {
		return 1
	}
	return 0
}

// decodeListing reads one; what is broken is as good as nothing.
func decodeListing(content []byte) listing {
	text, ok := strings.CutPrefix(string(content), listingVersion)
	if !ok {
		return nil
	}
	r := &reader{text: text}
	l := make(listing, len(text)/80)
	for r.text != "" && !r.broken {
		name := r.take(int(r.uvarint()))
		var e entry
		e.seen.size, e.seen.modified, e.seen.changed = r.varint(), r.varint(), r.varint()
		e.seen.inode = r.uvarint()
		e.seen.executable = r.take(1) == "\x01"
		copy(e.sum[:], r.take(len(e.sum)))
		l[name] = e
	}
	if r.broken {
		return nil
	}
	return l
}

// reader takes a text apart from its beginning.
type reader struct {
	text   string
	broken bool
}

func (r *reader) take(n int) string {
	if n < 0 || n > len(r.text) {
		r.broken, r.text = true, ""
		return ""
	}
	head := r.text[:n]
	r.text = r.text[n:]
	return head
}

func (r *reader) uvarint() uint64 {
	var value uint64
	for shift := 0; shift < 64; shift += 7 {
		b := r.take(1)
		if r.broken {
			return 0
		}
		value |= uint64(b[0]&0x7f) << shift
		if b[0] < 0x80 {
			return value
		}
	}
	r.broken = true
	return 0
}

// varint undoes [binary.AppendVarint].
func (r *reader) varint() int64 {
	u := r.uvarint()
	value := int64(u >> 1)
	if u&1 != 0 {
		value = ^value
	}
	return value
}
