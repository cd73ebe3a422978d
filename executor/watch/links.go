package watch

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// linkSet holds the links of a tree with all places on their ways.
type linkSet struct {
	// ways maps a link, as written, to its way.
	ways map[string]linkWay
	// users maps a real path on a way to the links.
	users map[string][]string
	// parents are the real directories with a place of a way. A link that leads elsewhere is an event there.
	parents map[string]bool
	// isStale reports whether users and parents belong to earlier ways.
	isStale bool
}

// linkWay is the way from a link to a file or directory.
type linkWay struct {
	// places are the real paths of all links on the way, and of the end or of the first missing name.
	places []string
	// parents are the existing directories of the places.
	parents []string
	// end is the real path behind the link; empty: nothing.
	end   string
	isDir bool
}

func (w linkWay) equals(other linkWay) bool {
	return w.end == other.end && w.isDir == other.isDir && slices.Equal(w.places, other.places) &&
		slices.Equal(w.parents, other.parents)
}

// maxLinks is the number of links on a way, as in Linux.
const maxLinks = 40

// findWay follows a link.
func findWay(link string) linkWay {
	dir, err := filepath.EvalSymlinks(filepath.Dir(link))
	if err != nil {
		return linkWay{}
	}
	var way linkWay
	at := filepath.Join(dir, filepath.Base(link))
	for range maxLinks {
		next, isMissing := way.nextLink(at)
		if isMissing || next == "" {
			break
		}
		at = next
	}
	for _, place := range way.places {
		way.parents = append(way.parents, nearestExistingDir(filepath.Dir(place)))
	}
	if info, err := os.Stat(link); err == nil {
		way.end, way.isDir = realPath(link), info.IsDir()
	}
	return way
}

// nextLink adds the first link on a path to the way, and returns the path behind the link; "" for a path without links.
func (w *linkWay) nextLink(path string) (next string, isMissing bool) {
	at := filepath.VolumeName(path) + string(filepath.Separator)
	rest := strings.Split(strings.TrimPrefix(path, at), string(filepath.Separator))
	for i, name := range rest {
		at = filepath.Join(at, name)
		info, err := os.Lstat(at)
		if err != nil {
			w.places = append(w.places, at)
			return "", true
		}
		if info.Mode()&os.ModeSymlink == 0 {
			continue
		}
		w.places = append(w.places, at)
		target, err := os.Readlink(at)
		if err != nil {
			return "", true
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(at), target)
		}
		return filepath.Join(append([]string{target}, rest[i+1:]...)...), false
	}
	w.places = append(w.places, at)
	return "", false
}

func (s *linkSet) add(link string, way linkWay) {
	if s.ways == nil {
		s.ways = map[string]linkWay{}
	}
	s.ways[link], s.isStale = way, true
}

func (s *linkSet) remove(link string) {
	if _, known := s.ways[link]; known {
		delete(s.ways, link)
		s.isStale = true
	}
}

// removeBelow removes the links in a directory. The link at the path itself stays.
func (s *linkSet) removeBelow(dir string) {
	for link := range s.ways {
		if link != dir && isWithin(link, dir) {
			s.remove(link)
		}
	}
}

// index fills users and parents.
func (s *linkSet) index() {
	s.users, s.parents, s.isStale = map[string][]string{}, map[string]bool{}, false
	for link, way := range s.ways {
		for _, place := range way.places {
			s.users[place] = append(s.users[place], link)
		}
		for _, parent := range way.parents {
			s.parents[parent] = true
		}
	}
}

// addLink adds a link that counts, or that leads to a directory with possible matches. The result reports whether the
// link leads to a directory.
func (t *tree) addLink(path string) (isDir bool) {
	info, err := os.Stat(path)
	isDir = err == nil && info.IsDir()
	if isDir && t.matcher.shouldWatch(path) {
		t.pendingLinks = append(t.pendingLinks, path)
		t.links.add(path, findWay(path))
	} else if !isDir && (t.matcher.verdict(path).IsIncluded || err != nil && t.matcher.shouldWatch(path)) {
		t.links.add(path, findWay(path))
	} else {
		t.links.remove(path)
	}
	return isDir
}

// secondName returns a link to a directory with another watched name. Such a link has no files of its own in the tree:
// the link itself is the change.
func (t *tree) secondName(link string) []string {
	way, known := t.links.ways[link]
	if _, isFirst := t.watched[link]; !known || !way.isDir || isFirst || len(t.written[way.end]) == 0 {
		return nil
	}
	return []string{link}
}

// watchParents watches the directories of the ways of links, and the directory above the root: while a process works in
// the root, the system reports the root's removal only there.
func (t *tree) watchParents() error {
	exclude := t.matcher.ignoreFiles.excludeFile
	if !t.links.isStale && t.links.parents != nil {
		return nil
	}
	before := t.links.parents
	t.links.index()
	if exclude != "" {
		if dir := filepath.Dir(exclude); nearestExistingDir(dir) == dir {
			t.links.parents[dir] = true
		}
	}
	if above := filepath.Dir(t.matcher.realRoot); len(t.written[t.matcher.realRoot]) > 0 {
		t.links.parents[above] = true
	}
	var errs []error
	for dir := range t.links.parents {
		if len(t.written[dir]) == 0 && !before[dir] {
			if err := t.notifier.Add(dir); err != nil {
				errs = append(errs, watchError(dir, err))
			}
		}
	}
	for dir := range before {
		t.removeUnneeded(dir)
	}
	return joinErrors(errs)
}

// handleLinks returns the changes behind links after an event of a real path: a written file, or a link that leads
// elsewhere.
func (t *tree) handleLinks(real string) (changes []string, err error) {
	for _, link := range slices.Sorted(slices.Values(t.links.users[real])) {
		before, known := t.links.ways[link]
		if !known {
			continue
		}
		more, linkErr := t.handleLink(link, before, real)
		changes, err = append(changes, more...), errors.Join(err, linkErr)
	}
	return changes, errors.Join(err, t.watchParents())
}

// handleLink handles an event on the way of a link.
func (t *tree) handleLink(link string, before linkWay, real string) (changes []string, err error) {
	now := findWay(link)
	isSame := now.end == before.end && now.isDir == before.isDir
	if isSame && (now.isDir || real != now.end) {
		if !now.equals(before) {
			t.links.add(link, now)
		}
		return nil, nil
	}
	if before.isDir {
		changes = append(t.dropBelow(link), t.secondName(link)...)
	}
	if _, err := os.Lstat(link); err != nil {
		t.links.remove(link)
	} else if t.addLink(link) {
		found := func(file string) { changes = append(changes, file) }
		err := t.followLinks(found)
		return append(changes, t.secondName(link)...), err
	}
	verdict := t.matcher.verdict(link)
	t.explain(link, verdict)
	if verdict.IsIncluded {
		changes = append(changes, link)
	}
	return changes, nil
}
