package build

import (
	"encoding/csv"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	bkclient "github.com/moby/buildkit/client"
)

func (p *buildPlan) noCacheFilter() {
	if stages := p.request.Config.NoCacheFilter; len(stages) > 0 {
		p.options.setAttr("no-cache", strings.Join(stages, ","))
	}
}

func (p *buildPlan) cacheFrom() error {
	entries, err := p.request.cacheEntries("cache_from", p.request.Config.CacheFrom)
	p.options.CacheImports = append(p.options.CacheImports, entries...)
	for _, entry := range entries {
		if entry.Type == cacheTypeGHA {
			p.requireImageStore("type="+entry.Type, "cache_from")
		}
	}
	return err
}

func (p *buildPlan) cacheTo() error {
	entries, err := p.request.cacheEntries("cache_to", p.request.Config.CacheTo)
	p.options.CacheExports = append(p.options.CacheExports, entries...)
	for _, entry := range entries {
		if entry.Type != "inline" {
			p.requireImageStore("type="+entry.Type, "cache_to")
		}
	}
	return err
}

// cacheEntries reads "type=registry,ref=example.com/x" and the short form "example.com/x".
func (r *Request) cacheEntries(attribute string, values []string) ([]bkclient.CacheOptionsEntry, error) {
	var entries []bkclient.CacheOptionsEntry
	for _, value := range values {
		entry, err := cacheEntry(value)
		if err != nil {
			return nil, r.errorAt(fmt.Errorf("%q: %w", value, err), attribute)
		}
		r.completeCacheEntry(entry)
		entries = append(entries, entry)
	}
	return entries, nil
}

// cacheTypeGHA is the cache of GitHub Actions.
const cacheTypeGHA = "gha"

// completeCacheEntry adds local knowledge: the base folder of relative paths, and for the cache of GitHub Actions the
// address and the token. Both are in the environment (as in docker/buildx, build/opt.go).
func (r *Request) completeCacheEntry(entry bkclient.CacheOptionsEntry) {
	switch entry.Type {
	case "local":
		for _, key := range []string{"src", "dest"} {
			if path, given := entry.Attrs[key]; given {
				entry.Attrs[key] = r.absolute(path)
			}
		}
	case cacheTypeGHA:
		r.fromEnvironment(entry, "token", "ACTIONS_RUNTIME_TOKEN")
		if second, _ := strconv.ParseBool(r.getenv("ACTIONS_CACHE_SERVICE_V2")); second || entry.Attrs["version"] == "2" {
			r.fromEnvironment(entry, "url_v2", "ACTIONS_RESULTS_URL")
		}
		r.fromEnvironment(entry, "url", "ACTIONS_CACHE_URL")
		r.fromEnvironment(entry, "url", "ACTIONS_RESULTS_URL")
	}
}

func (r *Request) fromEnvironment(entry bkclient.CacheOptionsEntry, key, variable string) {
	value := r.getenv(variable)
	if _, given := entry.Attrs[key]; !given && value != "" {
		entry.Attrs[key] = value
	}
}

func (r *Request) getenv(name string) string {
	if r.Getenv == nil {
		return ""
	}
	return r.Getenv(name)
}

func (r *Request) absolute(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(r.ProjectDir, path)
}

func cacheEntry(value string) (bkclient.CacheOptionsEntry, error) {
	entry := bkclient.CacheOptionsEntry{Attrs: map[string]string{}}
	if !strings.Contains(value, "=") {
		entry.Type, entry.Attrs["ref"] = "registry", value
		return entry, nil
	}
	fields, err := csv.NewReader(strings.NewReader(value)).Read()
	if err != nil {
		return entry, err
	}
	for _, field := range fields {
		key, value, ok := strings.Cut(field, "=")
		switch {
		case !ok:
			return entry, fmt.Errorf("%q is no key=value", field)
		case key == "type":
			entry.Type = value
		default:
			entry.Attrs[key] = value
		}
	}
	if entry.Type == "" {
		return entry, errors.New("it has no type; write type=registry, type=local …")
	}
	return entry, nil
}
