package lsp

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"tasks/hclspec/symbols"
)

// document is an open document. A document never changes; an edit makes a new one.
type document struct {
	uri, path string
	version   int
	lines     *lines
	symbols   *symbols.File
}

// newDocument reads a text. Unchanged parts of the earlier document are not read again.
func newDocument(uri string, version int, text []byte, earlier *document) *document {
	d := &document{uri: uri, path: pathOf(uri), version: version, lines: newLines(text)}
	var known *symbols.File
	if earlier != nil {
		known = earlier.symbols
	}
	d.symbols = symbols.Scan(text, known)
	return d
}

func (d *document) text() []byte { return d.lines.text }

// edited returns the document after the changes of an edit, in order.
func (d *document) edited(version int, changes []contentChange) *document {
	l := d.lines
	for _, change := range changes {
		if change.Range == nil {
			l = newLines([]byte(change.Text))
			continue
		}
		start := l.offset(change.Range.Start)
		end := max(start, l.offset(change.Range.End))
		l = newLines(slices.Concat(l.text[:start], []byte(change.Text), l.text[end:]))
	}
	return newDocument(d.uri, version, l.text, d)
}

// documents are the open documents by URI.
type documents struct {
	mu   sync.Mutex
	open map[string]*document
}

func (d *documents) get(uri string) *document {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open[uri]
}

func (d *documents) set(doc *document) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open[doc.uri] = doc
}

func (d *documents) remove(uri string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, uri)
}

// byPath returns the open document of a file, or nil.
func (d *documents) byPath(path string) *document {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, doc := range d.open {
		if doc.path == path {
			return doc
		}
	}
	return nil
}

// buffer returns the text of an open file.
func (d *documents) buffer(path string) ([]byte, bool) {
	doc := d.byPath(path)
	if doc == nil {
		return nil, false
	}
	return doc.text(), true
}

// uriOf returns the URI of a file. An open file has the URI of the editor.
func (d *documents) uriOf(path string) string {
	if doc := d.byPath(path); doc != nil {
		return doc.uri
	}
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a drive of Windows
	}
	u := url.URL{Scheme: "file", Path: slashed}
	return u.String()
}

// pathOf returns the absolute path of a URI; empty for a document without a file.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return ""
	}
	path := u.Path
	if len(path) > 2 && path[2] == ':' {
		path = path[1:] // "/c:/project" of Windows
	}
	return filepath.Clean(filepath.FromSlash(path))
}
