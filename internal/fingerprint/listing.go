package fingerprint

import (
	"encoding/binary"
	"strings"
)

// listing is the result of a check: the files, sorted by name, with their hashes. The next check reads only files with
// a changed state.
type listing []entry

type entry struct {
	name  string
	state fileState
	sum   digest
}

// listingVersion is the first line of an encoded listing. Every change of the form needs another version. Other
// versions are ignored.
const listingVersion = "tasks inputs 3\n"

// encode encodes the listing.
func (l listing) encode() []byte {
	out := make([]byte, 0, len(listingVersion)+len(l)*100)
	out = append(out, listingVersion...)
	for _, e := range l {
		out = binary.AppendUvarint(out, uint64(len(e.name)))
		out = append(out, e.name...)
		out = binary.AppendVarint(out, e.state.size)
		out = binary.AppendVarint(out, e.state.modified)
		out = binary.AppendVarint(out, e.state.changed)
		out = binary.AppendUvarint(out, e.state.inode)
		out = append(out, bit(e.state.isExecutable))
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

// decodeListing decodes a listing. A broken listing counts as empty.
func decodeListing(content []byte) listing {
	text, ok := strings.CutPrefix(string(content), listingVersion)
	if !ok {
		return nil
	}
	r := &listingReader{text: text}
	l := make(listing, 0, len(text)/70)
	for r.text != "" && !r.isBroken {
		var e entry
		e.name = r.take(int(r.uvarint()))
		e.state.size, e.state.modified, e.state.changed = r.varint(), r.varint(), r.varint()
		e.state.inode = r.uvarint()
		e.state.isExecutable = r.take(1) == "\x01"
		copy(e.sum[:], r.take(len(e.sum)))
		l = append(l, e)
	}
	if r.isBroken {
		return nil
	}
	return l
}

// listingReader reads values from the start of a text.
type listingReader struct {
	text     string
	isBroken bool
}

func (r *listingReader) take(n int) string {
	if n < 0 || n > len(r.text) {
		r.isBroken, r.text = true, ""
		return ""
	}
	head := r.text[:n]
	r.text = r.text[n:]
	return head
}

func (r *listingReader) uvarint() uint64 {
	var value uint64
	for i := range min(len(r.text), binary.MaxVarintLen64) {
		b := r.text[i]
		value |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.text = r.text[i+1:]
			return value
		}
	}
	r.isBroken, r.text = true, ""
	return 0
}

// varint reads a value written by [binary.AppendVarint].
func (r *listingReader) varint() int64 {
	u := r.uvarint()
	value := int64(u >> 1)
	if u&1 != 0 {
		value = ^value
	}
	return value
}

// finder finds entries of a listing by ascending names.
type finder struct{ remaining listing }

func (f *finder) find(name string) (entry, bool) {
	for len(f.remaining) > 0 && f.remaining[0].name < name {
		f.remaining = f.remaining[1:]
	}
	if len(f.remaining) == 0 || f.remaining[0].name != name {
		return entry{}, false
	}
	return f.remaining[0], true
}
