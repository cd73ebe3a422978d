package sources

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"tasks/executor/watch"
	"tasks/internal/fingerprint"
)

// Mount is a bind mount of a container.
type Mount struct {
	// Source is an absolute path of this machine, Target an absolute path of the container.
	Source, Target string
	// MayBeMissing reports whether a missing source counts as an empty directory, as for an engine of this machine.
	MayBeMissing bool
}

// Files stores small files of the state directory by name. A missing file has nil content. The names of files are
// secrets too, so no other user may read the content.
type Files interface {
	ReadFile(name string) ([]byte, error)
	WritePrivate(name string, content []byte) error
}

// StatePrefix begins the names of all state files of this package.
const StatePrefix = "sources/"

// stat is the metadata of a file. Equal metadata of a settled file means equal content.
type stat struct {
	Size, Modified, Changed int64
	Inode                   uint64
}

// known is the hash of a file with the metadata at the time of the hash.
type known struct {
	Stat stat
	Sum  string
}

// racyPeriod is the age below which a file is hashed again: two writes within the period may leave equal metadata.
const racyPeriod = 2 * time.Second

// scanner reads trees. The hashes of files are kept in the state directory. A scanner serves one call at a time.
type scanner struct {
	files Files
	// byRoot holds the hashes of each mounted source, by path.
	byRoot map[string]hashes
}

// scan reads the sources of a container. Deeper mount points hide parts of the others.
func (s *scanner) scan(ctx context.Context, mounts []Mount) (tree, error) {
	mounts = slices.Clone(mounts)
	slices.SortStableFunc(mounts, func(a, b Mount) int {
		return strings.Compare(path.Clean(a.Target), path.Clean(b.Target))
	})
	var t tree
	for _, m := range mounts {
		at := strings.TrimPrefix(path.Clean(m.Target), "/")
		if at == "" {
			return tree{}, errors.New("sources cannot be sent to / of a container: mount them below")
		}
		entries, err := s.scanMount(ctx, m, at)
		if err != nil {
			return tree{}, fmt.Errorf("read the sources in %s: %w", m.Source, err)
		}
		t.mounted(at, entries)
	}
	t.sort()
	return t, nil
}

// scanMount reads the source of one mount. The source itself is included always, also against ignore files.
func (s *scanner) scanMount(ctx context.Context, m Mount, at string) ([]entry, error) {
	source, err := filepath.EvalSymlinks(m.Source)
	if errors.Is(err, fs.ErrNotExist) && m.MayBeMissing {
		return []entry{{Path: at, Kind: directory, Mode: 0o755}}, nil
	}
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(source)
	if err != nil {
		return nil, err
	}
	first, ok, err := entryOf(source, at, info)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, errors.New("it is neither a file nor a directory")
	case !info.IsDir():
		entries := []entry{first}
		return entries, s.hash(ctx, source, entries, []stat{statOf(info)})
	}
	w := walk{ignored: watch.NewIgnored(source)}
	w.names = append(w.names, walked{source, at})
	if err := w.walk(ctx, source, at); err != nil {
		return nil, err
	}
	entries, stats, err := w.entries(ctx)
	if err != nil {
		return nil, err
	}
	return entries, s.hash(ctx, source, entries, stats)
}

// walked is a name in a directory: the file of this machine, and the path in the container.
type walked struct{ file, at string }

// walk collects the names below a directory.
type walk struct {
	ignored *watch.Ignored
	names   []walked
}

// walk adds all names below a directory that no ignore file excludes.
func (w *walk) walk(ctx context.Context, dir, at string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	children, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	w.ignored.Enter(dir)
	defer w.ignored.Leave()
	for _, child := range children {
		name := filepath.Join(dir, child.Name())
		if neverSent(child.Name()) || w.ignored.Excludes(name, child.IsDir()) {
			continue
		}
		w.names = append(w.names, walked{name, at + "/" + child.Name()})
		if child.IsDir() {
			if err := w.walk(ctx, name, at+"/"+child.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// entries reads the metadata of all names. Files that were removed after the walk, and special files, have no entry.
func (w *walk) entries(ctx context.Context) ([]entry, []stat, error) {
	entries, stats := make([]entry, len(w.names)), make([]stat, len(w.names))
	err := inParallel(ctx, len(w.names), func(i int) error {
		info, err := os.Lstat(w.names[i].file)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		e, isSent, err := entryOf(w.names[i].file, w.names[i].at, info)
		if isSent {
			entries[i], stats[i] = e, statOf(info)
		}
		return err
	})
	kept := 0
	for i, e := range entries {
		if e.Kind != 0 {
			entries[kept], stats[kept] = e, stats[i]
			kept++
		}
	}
	return entries[:kept], stats[:kept], err
}

// inParallel calls do with all numbers below count, in a goroutine for each processor. An error ends the goroutine.
func inParallel(ctx context.Context, count int, do func(i int) error) error {
	var all sync.WaitGroup
	errs := make([]error, min(count, runtime.GOMAXPROCS(0)))
	for worker := range errs {
		all.Go(func() {
			for i := worker; i < count && ctx.Err() == nil && errs[worker] == nil; i += len(errs) {
				errs[worker] = do(i)
			}
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return errors.Join(errs...)
}

// neverSent reports whether a name is never sent: the repository's own data and the state of this program. A name with
// the prefix of removals in archives has no place in an archive.
func neverSent(name string) bool {
	return name == ".git" || name == ".tasks" || strings.HasPrefix(name, removalPrefix)
}

// entryOf returns the entry of a file; ok=false for a special file.
func entryOf(file, at string, info fs.FileInfo) (e entry, ok bool, err error) {
	e = entry{Path: at, Mode: int64(info.Mode().Perm()), Modified: info.ModTime().Truncate(time.Second), file: file}
	for _, bit := range []struct {
		mode  fs.FileMode
		value int64
	}{{fs.ModeSetuid, 0o4000}, {fs.ModeSetgid, 0o2000}, {fs.ModeSticky, 0o1000}} {
		if info.Mode()&bit.mode != 0 {
			e.Mode |= bit.value
		}
	}
	e.UID, e.GID = ownerOf(info)
	switch info.Mode().Type() {
	case 0:
		e.Kind, e.Size = regular, info.Size()
	case fs.ModeDir:
		e.Kind = directory
	case fs.ModeSymlink:
		e.Kind, e.Mode = link, 0o777
		e.Target, err = os.Readlink(file)
	default:
		return e, false, nil
	}
	return e, true, err
}

func statOf(info fs.FileInfo) stat {
	s := stat{Size: info.Size(), Modified: info.ModTime().UnixNano()}
	s.Changed, s.Inode = fingerprint.Identity(info)
	return s
}

// isSettled reports whether a later write would change the metadata.
func (s stat) isSettled(now time.Time) bool {
	return now.UnixNano()-max(s.Modified, s.Changed) > int64(racyPeriod)
}

// hash sets the hashes of all regular files, and keeps the new hashes.
func (s *scanner) hash(ctx context.Context, root string, entries []entry, stats []stat) error {
	before := s.hashesOf(root)
	after := make(hashes, len(entries))
	var unread []int
	for i, e := range entries {
		if e.Kind != regular {
			continue
		}
		if k, found := before[e.file]; found && k.Stat == stats[i] {
			entries[i].Sum, after[e.file] = k.Sum, k
			continue
		}
		unread = append(unread, i)
	}
	if err := hashFiles(ctx, entries, unread); err != nil {
		return err
	}
	now := time.Now()
	for _, i := range unread {
		if stats[i].isSettled(now) {
			after[entries[i].file] = known{Stat: stats[i], Sum: entries[i].Sum}
		}
	}
	s.byRoot[root] = after
	if len(unread) == 0 && len(before) == len(after) {
		return nil
	}
	return s.files.WritePrivate(hashesFile(root), encode(after))
}

func hashesFile(root string) string { return StatePrefix + "hashes-" + shortHash(root) }

// hashesOf returns the kept hashes of a source.
func (s *scanner) hashesOf(root string) hashes {
	if kept, isRead := s.byRoot[root]; isRead {
		return kept
	}
	kept := hashes{}
	if content, err := s.files.ReadFile(hashesFile(root)); err != nil || !decode(content, &kept) {
		return hashes{} // all files are hashed
	}
	return kept
}

// hashFiles hashes some of the entries.
func hashFiles(ctx context.Context, entries []entry, which []int) error {
	buffers := sync.Pool{New: func() any { return new([64 << 10]byte) }}
	return inParallel(ctx, len(which), func(i int) error {
		buffer := buffers.Get().(*[64 << 10]byte)
		defer buffers.Put(buffer)
		return hashFile(&entries[which[i]], buffer[:])
	})
}

// hashFile hashes the content of a file. The size is the size of the hashed content.
func hashFile(e *entry, buffer []byte) error {
	file, err := os.Open(e.file)
	if err != nil {
		return err
	}
	defer file.Close()
	h := sha256.New()
	// An *os.File would allocate another buffer.
	size, err := io.CopyBuffer(h, struct{ io.Reader }{file}, buffer)
	e.Size = size
	e.Sum = string(h.Sum(nil))
	return err
}
