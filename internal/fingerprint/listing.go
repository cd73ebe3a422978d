package fingerprint

import (
	"encoding/binary"
	"strings"
)

// listing is what was found at one look: the files, sorted by name, and their hashes. It is what spares the next look the
// reading.
type listing []entry

type entry struct {
	name string
	seen look
	sum  digest
}

// listingVersion stands at the beginning of a listing, and changes with its form. What has another is no listing.
const listingVersion = "tasks inputs 2\n"

// encode writes the entries that a later look may rely on.
func (l listing) encode() []byte {
	out := make([]byte, 0, len(listingVersion)+len(l)*100)
	out = append(out, listingVersion...)
	for _, e := range l {
		out = binary.AppendUvarint(out, uint64(len(e.name)))
		out = append(out, e.name...)
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
	l := make(listing, 0, len(text)/70)
	for r.text != "" && !r.broken {
		var e entry
		e.name = r.take(int(r.uvarint()))
		e.seen.size, e.seen.modified, e.seen.changed = r.varint(), r.varint(), r.varint()
		e.seen.inode = r.uvarint()
		e.seen.executable = r.take(1) == "\x01"
		copy(e.sum[:], r.take(len(e.sum)))
		l = append(l, e)
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
	for i := range min(len(r.text), binary.MaxVarintLen64) {
		b := r.text[i]
		value |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.text = r.text[i+1:]
			return value
		}
	}
	r.broken, r.text = true, ""
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

// finder finds entries of a listing for names that are asked for in order.
type finder struct{ left listing }

func (f *finder) find(name string) (entry, bool) {
	for len(f.left) > 0 && f.left[0].name < name {
		f.left = f.left[1:]
	}
	if len(f.left) == 0 || f.left[0].name != name {
		return entry{}, false
	}
	return f.left[0], true
}
