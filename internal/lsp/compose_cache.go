package lsp

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"tasks/internal/composeproject"
)

// composeCache keeps loaded compose projects while their files are unchanged.
type composeCache struct {
	mu      sync.Mutex
	entries map[string]composeEntry
}

type composeEntry struct {
	project *composeproject.Project
	stamps  map[string]fileStamp
}

// fileStamp is what a changed file changes. A missing file has the zero stamp.
type fileStamp struct {
	changed time.Time
	size    int64
}

// maxComposeEntries is the number of kept projects: each scope of each open project has an entry.
const maxComposeEntries = 32

func newComposeCache() *composeCache {
	return &composeCache{entries: map[string]composeEntry{}}
}

// load loads a project, or returns the last one with the same options and unchanged files.
func (c *composeCache) load(ctx context.Context, opts composeproject.Options) (*composeproject.Project, error) {
	key := fmt.Sprintf("%q", []any{
		opts.Files, opts.OverlayFiles, opts.OverlayProfiles, opts.Name, opts.Profiles, opts.EnvFiles, opts.ProjectDirectory,
		opts.WorkingDir, opts.Environ,
	})
	c.mu.Lock()
	entry, isKnown := c.entries[key]
	c.mu.Unlock()
	if isKnown && entry.isFresh() {
		return entry.project, nil
	}
	project, err := composeproject.Load(ctx, opts)
	if err != nil {
		return nil, err
	}
	entry = composeEntry{project: project, stamps: map[string]fileStamp{}}
	for _, path := range composeproject.SourceFiles(project) {
		entry.stamps[path] = stampOf(path)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxComposeEntries {
		clear(c.entries)
	}
	c.entries[key] = entry
	return project, nil
}

func (e composeEntry) isFresh() bool {
	for path, stamp := range e.stamps {
		if stampOf(path) != stamp {
			return false
		}
	}
	return true
}

func stampOf(path string) fileStamp {
	info, err := os.Stat(path)
	if err != nil {
		return fileStamp{}
	}
	return fileStamp{info.ModTime(), info.Size()}
}
