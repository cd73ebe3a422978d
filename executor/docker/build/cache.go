package build

import (
	"encoding/csv"
	"errors"
	"fmt"
	"strings"

	bkclient "github.com/moby/buildkit/client"
)

// caching reads no_cache, no_cache_filter, cache_from and cache_to.
func (p *plan) caching() error {
	c := p.request.Config
	if len(c.NoCacheFilter) > 0 {
		p.attr("no-cache", strings.Join(c.NoCacheFilter, ","))
	}
	if c.NoCache {
		p.attr("no-cache", "")
	}
	from, err1 := cacheEntries("cache_from", c.CacheFrom)
	to, err2 := cacheEntries("cache_to", c.CacheTo)
	p.options.CacheImports = append(p.options.CacheImports, from...)
	p.options.CacheExports = append(p.options.CacheExports, to...)
	for _, entry := range to {
		if entry.Type != "inline" {
			p.needsImageStore = append(p.needsImageStore, "cache_to with type="+entry.Type)
		}
	}
	return errors.Join(err1, err2)
}

// cacheEntries reads "type=registry,ref=example.com/x" and, for short, "example.com/x".
func cacheEntries(attribute string, values []string) ([]bkclient.CacheOptionsEntry, error) {
	var entries []bkclient.CacheOptionsEntry
	for _, value := range values {
		entry, err := cacheEntry(value)
		if err != nil {
			return nil, fmt.Errorf("build.%s: %q: %w", attribute, value, err)
		}
		entries = append(entries, entry)
	}
	return entries, nil
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
