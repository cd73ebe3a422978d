//go:build linux

package watch

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// editKind is a kind of edit. do returns a text for the log, or "" if the tree has nothing to edit in this way.
type editKind struct {
	weight int
	do     func(c *editCase) string
	// isUndone reports whether the edit leads back to the old state: between two polls the edit stays unseen.
	isUndone bool
}

func editKinds() []editKind {
	return []editKind{
		{weight: 12, do: (*editCase).create},
		{weight: 20, do: (*editCase).overwrite},
		{weight: 8, do: (*editCase).saveByRename},
		{weight: 8, do: (*editCase).renameFile},
		{weight: 6, do: (*editCase).removeFile},
		{weight: 6, do: (*editCase).makeDirs},
		{weight: 8, do: (*editCase).moveDir},
		{weight: 4, do: (*editCase).moveAwayAndBack, isUndone: true},
		{weight: 4, do: (*editCase).writeAndRestore, isUndone: true},
		{weight: 4, do: (*editCase).removeDir},
		{weight: 4, do: (*editCase).replaceDir},
		{weight: 4, do: (*editCase).moveOut},
		{weight: 4, do: (*editCase).chmod},
		{weight: 5, do: (*editCase).link},
		{weight: 5, do: (*editCase).writeShared},
		{weight: 4, do: (*editCase).writeIgnored},
		{weight: 1, do: (*editCase).burst},
	}
}

// edit performs a random edit, and delivers the system's events.
func (c *editCase) edit() {
	c.edits++
	total := 0
	for _, kind := range editKinds() {
		total += kind.weight
	}
	text := ""
	for text == "" {
		at := c.random.IntN(total)
		for _, kind := range editKinds() {
			if at -= kind.weight; at >= 0 {
				continue
			}
			if !c.isPolling || !kind.isUndone {
				text = kind.do(c)
			}
			break
		}
	}
	c.note("edit %d: %s", c.edits, strings.ReplaceAll(text, c.root+"/", ""))
	c.deliver()
}

func (c *editCase) deliver() {
	if c.system != nil {
		c.system.flush()
	}
}

// pause waits for a random time: mostly within a batch, sometimes past the end of a run.
func (c *editCase) pause() {
	longest := 30 * time.Millisecond
	switch at := c.random.IntN(100); {
	case at < 15:
		longest = 3 * time.Second
	case at < 40:
		longest = 300 * time.Millisecond
	}
	time.Sleep(time.Duration(c.random.Int64N(int64(longest))))
}

// find returns a random file or directory below src, without links on the way; "" without one.
func (c *editCase) find(accept func(entry fs.DirEntry) bool) string {
	src := filepath.Join(c.root, "src")
	var found []string
	_ = filepath.WalkDir(src, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && path != src && accept(entry) {
			found = append(found, path)
		}
		return nil
	})
	if len(found) == 0 {
		return ""
	}
	return found[c.random.IntN(len(found))]
}

func (c *editCase) file() string {
	return c.find(func(entry fs.DirEntry) bool { return entry.Type().IsRegular() })
}

func (c *editCase) dir() string { return c.find(fs.DirEntry.IsDir) }

// newPath returns a path in a random directory. Few names are in use, so that names come again. Under polling each
// name comes once: a file of the same name, size and time is the same file there.
func (c *editCase) newPath(names string) string {
	dir := c.dir()
	if dir == "" || c.random.IntN(3) == 0 {
		dir = filepath.Join(c.root, "src")
	}
	name := string(names[c.random.IntN(len(names))])
	if c.isPolling {
		name += fmt.Sprint(c.edits)
	}
	return filepath.Join(dir, name)
}

// text returns a new content with a new size.
func (c *editCase) text() string { return fmt.Sprint(c.edits, strings.Repeat(".", c.edits)) }

// put writes a file, if there is no directory in the way.
func (c *editCase) put(path, text string) string {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return ""
	}
	return "write " + path
}

func (c *editCase) move(from, to string) string {
	if err := os.Rename(from, to); err != nil {
		return "" // into itself, or onto a directory with entries
	}
	return "move " + from + " to " + to
}

func (c *editCase) create() string { return c.put(c.newPath("abc"), c.text()) }

func (c *editCase) overwrite() string {
	file := c.file()
	if file == "" {
		return ""
	}
	return c.put(file, c.text())
}

func (c *editCase) saveByRename() string {
	file := c.file()
	if file == "" || c.put(file+".tmp", c.text()) == "" {
		return ""
	}
	return c.move(file+".tmp", file)
}

func (c *editCase) renameFile() string {
	file := c.file()
	if file == "" {
		return ""
	}
	return c.move(file, c.newPath("abc"))
}

func (c *editCase) removeFile() string {
	file := c.file()
	if file == "" || os.Remove(file) != nil {
		return ""
	}
	return "remove " + file
}

func (c *editCase) makeDirs() string {
	dir := filepath.Join(c.newPath("de"), "f")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return ""
	}
	return c.put(filepath.Join(dir, "a"), c.text())
}

func (c *editCase) moveDir() string {
	dir := c.dir()
	if dir == "" {
		return ""
	}
	return c.move(dir, c.newPath("de"))
}

// moveAwayAndBack leaves the tree as before, but a command between the two moves sees less.
func (c *editCase) moveAwayAndBack() string {
	path := c.find(func(fs.DirEntry) bool { return true })
	away := filepath.Join(c.elsewhere, fmt.Sprint(c.edits))
	if path == "" || c.move(path, away) == "" {
		return ""
	}
	c.deliver()
	time.Sleep(time.Duration(c.random.Int64N(int64(40 * time.Millisecond))))
	if text := c.move(away, path); text == "" {
		c.t.Fatalf("cannot move %s back", path)
	}
	return "move away and back " + path
}

// writeAndRestore leaves the content as before, but a command between the two writes sees another.
func (c *editCase) writeAndRestore() string {
	file := c.file()
	if file == "" {
		return ""
	}
	before, err := os.ReadFile(file)
	if err != nil || c.put(file, c.text()) == "" {
		return ""
	}
	c.deliver()
	time.Sleep(time.Duration(c.random.Int64N(int64(40 * time.Millisecond))))
	c.put(file, string(before))
	return "write and restore " + file
}

func (c *editCase) removeDir() string {
	dir := c.dir()
	if dir == "" || os.RemoveAll(dir) != nil {
		return ""
	}
	return "remove " + dir
}

// replaceDir exchanges a directory, as an unpacked archive does.
func (c *editCase) replaceDir() string {
	dir := c.dir()
	if dir == "" {
		return ""
	}
	fresh, old := filepath.Join(c.elsewhere, fmt.Sprint("new", c.edits)), filepath.Join(c.elsewhere, fmt.Sprint("old", c.edits))
	if os.MkdirAll(filepath.Join(fresh, "d"), 0o700) != nil || c.put(filepath.Join(fresh, "d", "a"), c.text()) == "" {
		return ""
	}
	if c.move(dir, old) == "" || c.move(fresh, dir) == "" {
		return ""
	}
	return "replace " + dir
}

// moveOut moves a directory out of the watched tree. Later writes there do not count.
func (c *editCase) moveOut() string {
	dir := c.dir()
	if dir == "" {
		return ""
	}
	away := filepath.Join(c.elsewhere, fmt.Sprint("out", c.edits))
	if c.move(dir, away) == "" {
		return ""
	}
	c.put(filepath.Join(away, "a"), c.text())
	return "move out " + dir
}

func (c *editCase) chmod() string {
	path := c.find(func(entry fs.DirEntry) bool { return !entry.IsDir() && entry.Type().IsRegular() })
	if path == "" || os.Chmod(path, []os.FileMode{0o600, 0o644, 0o700}[c.random.IntN(3)]) != nil {
		return ""
	}
	return "chmod " + path
}

// link makes a link to a shared directory, to its file, or to a directory of the tree.
func (c *editCase) link() string {
	targets := []string{filepath.Join(c.root, "shared/lib"), filepath.Join(c.root, "shared/lib/a")}
	if dir := c.dir(); dir != "" {
		targets = append(targets, dir)
	}
	target, path := targets[c.random.IntN(len(targets))], c.newPath("lm")
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		return ""
	}
	_ = os.Remove(path)
	if err := os.Symlink(target, path); err != nil {
		return ""
	}
	return "link " + path + " to " + target
}

func (c *editCase) writeShared() string {
	return c.put(filepath.Join(c.root, "shared/lib", string("ab"[c.random.IntN(2)])), c.text())
}

func (c *editCase) writeIgnored() string {
	return c.put(c.newPath("abc")+[]string{".tmp", ".swp"}[c.random.IntN(2)], c.text())
}

// burst writes a thousand files into a new directory.
func (c *editCase) burst() string {
	dir := filepath.Join(c.root, "src", fmt.Sprint("burst", c.edits))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return ""
	}
	for i := range 1000 {
		if c.put(filepath.Join(dir, fmt.Sprint(i)), "x") == "" {
			return ""
		}
	}
	return "burst into " + dir
}
