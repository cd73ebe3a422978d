package projects_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tasks/internal/composeproject"
	"tasks/internal/testing/composetest"
)

// projects is the number of projects per run of TestCorpus. -seed is the first seed here too.
var projects = flag.Int("projects", 40, "how many compose projects TestCorpus generates")

// corpus compares how tasks and Compose v5 load whole projects. No engine is asked.
type corpus struct {
	t    *testing.T
	once sync.Mutex
	// loaded and refused count the projects that both tools load or reject, services the compared hashes. combined are
	// the loaded projects with files laid over each other, extended or included.
	loaded, combined, refused, services, different int
}

// TestCorpus generates whole compose projects. Both tools must load or reject a project, and give the services the same
// config hash.
func TestCorpus(t *testing.T) {
	t.Parallel()
	v5.Program(t)
	c, began := &corpus{t: t}, time.Now()
	const workers = 2
	seeds := make(chan uint64)
	var all sync.WaitGroup
	for range workers {
		dir := t.TempDir()
		all.Go(func() {
			for seed := range seeds {
				c.compare(dir, seed)
			}
		})
	}
	for i := range uint64(*projects) {
		seeds <- *firstSeed + i
	}
	close(seeds)
	all.Wait()
	t.Logf("%d projects from seed %d in %s: %d loaded by both (%d of combined files) with %d services, %d refused by both, "+
		"%d different", *projects, *firstSeed, time.Since(began).Round(time.Second), c.loaded, c.combined, c.services, c.refused,
		c.different)
	if c.refused*2 > *projects {
		t.Error("more than half of the projects are refused: the generators have to write valid ones")
	}
}

// compare compares the project of a seed.
func (c *corpus) compare(dir string, seed uint64) {
	p := c.project(dir)
	whole := newAuthor(seed).wholeProject(c.t)
	p.writeWhole(whole)
	ours, err := p.hashes(whole)
	r := p.Run(v5, whole.flags("config", "--hash", "*")...)
	theirs := hashLines(r.Stdout)
	c.once.Lock()
	defer c.once.Unlock()
	switch {
	case err != nil && r.Code != 0:
		c.refused++
		c.t.Logf("seed %d is refused by both: %v; %s", seed, err, strings.TrimSpace(r.Stderr))
		return
	case err != nil || r.Code != 0:
		c.report(seed, whole, fmt.Sprintf("tasks: %v\nCompose v5: %s", err, r.Stderr))
		return
	}
	c.loaded++
	c.services += len(theirs)
	if whole.isCombined() {
		c.combined++
	}
	for _, name := range slices.Sorted(maps.Keys(theirs)) {
		if ours[name] != theirs[name] {
			c.report(seed, whole, fmt.Sprintf("service %s has the hash %.12s with tasks, %.12s with Compose v5", name, ours[name], theirs[name]))
			return
		}
	}
	if len(ours) != len(theirs) {
		c.report(seed, whole, fmt.Sprintf("tasks has the services %v", slices.Sorted(maps.Keys(ours))))
	}
}

// isCombined reports whether a service has attributes of several places.
func (w wholeProject) isCombined() bool {
	for name, text := range w.files {
		if strings.Contains(name, "override") || strings.Contains(text, "extends:") || strings.Contains(text, "include:") {
			return true
		}
	}
	return len(w.named) > 1
}

// report reports a difference. Only the first differences come with the files.
func (c *corpus) report(seed uint64, whole wholeProject, what string) {
	c.different++
	c.t.Errorf("seed %d: %s", seed, what)
	if c.different > 3 {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(whole.files)) {
		c.t.Logf("%s, called with %v:\n%s", name, whole.flags(), whole.files[name])
	}
}

// project returns an empty project in a folder.
func (c *corpus) project(dir string) *project {
	p := &project{&composetest.Project{T: c.t, Dir: dir, Name: "corpus", Env: append(composetest.Environment(), "SHELL_WORD=of the <shell>")}}
	p.Placeholders = strings.NewReplacer("@image", "image", "@project", p.Name, "@subnet", "10.1.2", "@dir", dir, "@arch", "amd64")
	return p
}

// writeWhole writes the files of a project, and removes the files of the project before.
func (p *project) writeWhole(whole wholeProject) {
	p.T.Helper()
	old, err := filepath.Glob(filepath.Join(p.Dir, "*"))
	if err != nil {
		p.T.Fatal(err)
	}
	for _, file := range old {
		if err := os.RemoveAll(file); err != nil {
			p.T.Fatal(err)
		}
	}
	p.writeSurroundings()
	for name, text := range whole.files {
		p.Write(name, text)
	}
}

// hashes returns the config hashes of the active services, as tasks computes them.
func (p *project) hashes(whole wholeProject) (hashes map[string]string, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("panic: %v", caught)
		}
	}()
	loaded, err := composeproject.Load(context.Background(), composeproject.Options{
		WorkingDir: p.Dir, Name: p.Name, Environ: p.Env, Files: whole.named, Profiles: whole.profiles, EnvFiles: whole.envFiles,
	})
	if err != nil {
		return nil, err
	}
	active, err := loaded.Select(nil)
	if err != nil {
		return nil, err
	}
	hashes = map[string]string{}
	for name, s := range active.Model().Services {
		hash, err := composeproject.ServiceHash(s)
		if err != nil {
			return nil, err
		}
		hashes[name] = hash.Modern
	}
	return hashes, nil
}

// flags returns the arguments of a call of Compose.
func (w wholeProject) flags(command ...string) []string {
	var args []string
	for _, file := range w.named {
		args = append(args, "-f", file)
	}
	for _, profile := range w.profiles {
		args = append(args, "--profile", profile)
	}
	for _, file := range w.envFiles {
		args = append(args, "--env-file", file)
	}
	return append(args, command...)
}

func hashLines(output string) map[string]string {
	hashes := map[string]string{}
	for line := range strings.Lines(output) {
		if name, hash, found := strings.Cut(strings.TrimSpace(line), " "); found {
			hashes[name] = hash
		}
	}
	return hashes
}
