package sources

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"path"
	"slices"
	"strings"
	"time"
)

// kind is the kind of an entry.
type kind byte

const (
	regular   kind = 'f'
	directory kind = 'd'
	link      kind = 'l'
)

// entry is a file, directory or link of a tree.
type entry struct {
	// Path is the path in the container, without the first slash.
	Path string
	Kind kind
	// Mode has the bits of the permissions, of the set ids and of the sticky bit, as in an archive.
	Mode     int64
	UID, GID int
	Size     int64
	// Sum is the hash of the content of a regular file, in bytes. Target is the target of a link.
	Sum    string
	Target string
	// Modified is part of the archive, and not part of the hash.
	Modified time.Time
	// file is the file of this machine with the content.
	file string
}

// isSame reports whether two entries differ in nothing that a container sees, the time of the change aside.
func (e entry) isSame(other entry) bool {
	return e.Kind == other.Kind && e.Mode == other.Mode && e.UID == other.UID && e.GID == other.GID &&
		e.Size == other.Size && e.Sum == other.Sum && e.Target == other.Target
}

// tree holds the sources of a container: all entries below its mount points, sorted by path.
type tree struct {
	Entries []entry
	// Mounts are the paths of the mount points, sorted. They are entries of the tree.
	Mounts []string
}

// hash identifies the tree: paths, kinds, modes, owners and contents.
func (t tree) hash() string {
	h := sha256.New()
	var line []byte
	text := func(s string) { line = append(binary.AppendUvarint(line, uint64(len(s))), s...) }
	for _, m := range t.Mounts {
		text(m)
	}
	for _, e := range t.Entries {
		text(e.Path)
		line = append(line, byte(e.Kind))
		line = binary.AppendVarint(line, e.Mode)
		line = binary.AppendVarint(line, int64(e.UID))
		line = binary.AppendVarint(line, int64(e.GID))
		line = append(line, e.Sum...)
		text(e.Target)
		_, _ = h.Write(line) // a hash takes all
		line = line[:0]
	}
	return hex.EncodeToString(h.Sum(line[:0]))
}

// files counts the regular files and links.
func (t tree) files() int {
	count := 0
	for _, e := range t.Entries {
		if e.Kind != directory {
			count++
		}
	}
	return count
}

// find returns the entry with a path.
func (t tree) find(name string) (entry, bool) {
	at, found := slices.BinarySearchFunc(t.Entries, name, func(e entry, name string) int {
		return cmp.Compare(e.Path, name)
	})
	if !found {
		return entry{}, false
	}
	return t.Entries[at], true
}

// mounted adds the entries of a mount point to a tree. The mount point hides all that is there.
func (t *tree) mounted(at string, entries []entry) {
	isHidden := func(name string) bool { return name == at || strings.HasPrefix(name, at+"/") }
	t.Entries = slices.DeleteFunc(t.Entries, func(e entry) bool { return isHidden(e.Path) })
	t.Mounts = slices.DeleteFunc(t.Mounts, isHidden)
	t.Entries, t.Mounts = append(t.Entries, entries...), append(t.Mounts, at)
}

// sort sorts the entries and the mount points.
func (t *tree) sort() {
	slices.SortFunc(t.Entries, func(a, b entry) int { return cmp.Compare(a.Path, b.Path) })
	slices.Sort(t.Mounts)
}

// isMount reports whether a path is a mount point.
func (t tree) isMount(name string) bool { return slices.Contains(t.Mounts, name) }

// outerParents returns the directories above the mount points, outside of the tree, sorted.
func (t tree) outerParents() []string {
	var parents []string
	for _, m := range t.Mounts {
		for dir := path.Dir(m); dir != "."; dir = path.Dir(dir) {
			if _, isInside := t.find(dir); !isInside {
				parents = append(parents, dir)
			}
		}
	}
	slices.Sort(parents)
	return slices.Compact(parents)
}

// change is the difference between two trees.
type change struct {
	// Entries are the new and changed entries of the later tree, sorted. Removed are the removed paths, without those
	// below another removed or replaced path.
	Entries []entry
	Removed []string
}

// changesFrom returns the difference to an earlier tree with the same mount points. Both trees are sorted.
func (t tree) changesFrom(earlier tree) change {
	var c change
	gone := map[string]bool{} // removed or replaced paths: all below has gone with them
	remove := func(old entry) {
		if isBelowAny(old.Path, gone) {
			return
		}
		c.Removed, gone[old.Path] = append(c.Removed, old.Path), true
	}
	rest := earlier.Entries
	for _, e := range t.Entries {
		for ; len(rest) > 0 && rest[0].Path < e.Path; rest = rest[1:] {
			remove(rest[0])
		}
		if len(rest) == 0 || rest[0].Path != e.Path {
			c.Entries = append(c.Entries, e)
			continue
		}
		if !e.isSame(rest[0]) {
			c.Entries = append(c.Entries, e)
		}
		if rest[0].Kind == directory && e.Kind != directory {
			gone[e.Path] = true
		}
		rest = rest[1:]
	}
	for _, old := range rest {
		remove(old)
	}
	return c
}

// isBelowAny reports whether a path is below one of the directories.
func isBelowAny(name string, dirs map[string]bool) bool {
	for dir := path.Dir(name); len(dirs) > 0 && dir != "."; dir = path.Dir(dir) {
		if dirs[dir] {
			return true
		}
	}
	return false
}

// shortHash returns a name for a list of texts.
func shortHash(texts ...string) string {
	h := sha256.New()
	for _, text := range texts {
		_, _ = h.Write(append(binary.AppendUvarint(nil, uint64(len(text))), text...)) // a hash takes all
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}
