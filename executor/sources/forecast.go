package sources

import (
	"context"
	"fmt"
	"strings"

	"tasks/executor/imagearchive"
)

// Destination is the container of a plan that sources are sent to.
type Destination struct {
	Service, Project, Image, Platform string
}

// Forecast says what the creation of a container would send, without sending it. Empty: the engine has the sources.
func (r *Remote) Forecast(ctx context.Context, to Destination, mounts []Mount) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, err := r.scanner.scan(ctx, mounts)
	if err != nil {
		return "", err
	}
	whole := sentText(to.Service, t, t.files(), sizeOf(t.Entries), false)
	base, err := r.Store.InspectBase(ctx, to.Image, to.Platform)
	if err != nil {
		return whole, nil // the run pulls or builds the image
	}
	s := send{Remote: r, base: base, tree: t}
	s.setNames(to.Project)
	if _, err := r.Store.InspectBase(ctx, s.ref, ""); err == nil {
		return "", nil
	}
	last, found := s.last()
	if !found {
		return whole, nil
	}
	if _, err := r.Store.InspectBase(ctx, last.Ref, ""); err != nil {
		return whole, nil
	}
	c := t.changesFrom(last.Tree)
	count := change{Entries: c.Entries}.files() + len(c.Removed)
	size := sizeOf(c.Entries) + int64(len(c.Removed))*headerSize
	return sentText(to.Service, t, count, size, true), nil
}

// headerSize is the size of an entry without content in an archive.
const headerSize = 512

// sizeOf returns the size of entries in an archive, without the directories above them.
func sizeOf(entries []entry) int64 {
	var size int64
	for _, e := range entries {
		size += headerSize
		if e.Kind == regular {
			size += (e.Size + headerSize - 1) / headerSize * headerSize
		}
	}
	return size
}

// files counts the new and changed files and links.
func (c change) files() int { return tree{Entries: c.Entries}.files() }

// sentText says what is sent where: "send sources of web to /app: 10 of 30,000 files changed, 40 KB".
func sentText(service string, t tree, files int, size int64, isChange bool) string {
	targets := make([]string, len(t.Mounts))
	for i, m := range t.Mounts {
		targets[i] = "/" + m
	}
	count := fmt.Sprintf("%s files", grouped(files))
	switch {
	case isChange && t.files() == 1:
		count = fmt.Sprintf("%d of 1 file changed", files)
	case files == 1 && !isChange:
		count = "1 file"
	case isChange:
		count = fmt.Sprintf("%s of %s files changed", grouped(files), grouped(t.files()))
	}
	text := fmt.Sprintf("send sources of %s to %s: %s", service, strings.Join(targets, ", "), count)
	return text + ", " + imagearchive.SizeText(size)
}

// grouped writes a number with a comma between thousands.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
