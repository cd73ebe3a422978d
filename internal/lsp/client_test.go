package lsp

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"tasks/internal/workspace"
)

// client is a small editor: the other end of the streams of a server.
type client struct {
	t    *testing.T
	dir  string
	in   io.WriteCloser
	exit chan int
	// messages are the answers and notifications of the server.
	messages chan message
	// published are the last diagnostics of each URI, with the number of publications.
	published map[string][]Diagnostic
	count     map[string]int
	nextID    int
	log       *lockedText
}

type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// lockedText collects the log of a server.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) add(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.WriteString(text + "\n")
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// patience is the longest wait for a message.
const patience = time.Minute

// newClient writes the files of a project, and starts a server without a message yet.
func newClient(t *testing.T, files map[string]string, environ ...string) *client {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		writeFile(t, filepath.Join(dir, name), text)
	}
	return startClient(t, dir, environ...)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func startClient(t *testing.T, dir string, environ ...string) *client {
	t.Helper()
	in, write := io.Pipe()
	read, out := io.Pipe()
	c := &client{
		t: t, dir: dir, in: write, exit: make(chan int, 1), messages: make(chan message, 1000),
		published: map[string][]Diagnostic{}, count: map[string]int{}, log: &lockedText{},
	}
	config := workspace.Config{Environment: workspace.Environment{Environ: environ, WorkingDir: dir, Version: "v1.0.0"}}
	server := NewServer(Options{Config: config.Offline(), In: in, Out: out, Log: c.log.add, Quiet: time.Millisecond})
	go func() {
		code, err := server.Run()
		if err != nil {
			c.log.add(err.Error())
		}
		out.Close()
		c.exit <- code
	}()
	go c.read(bufio.NewReader(read))
	t.Cleanup(func() { write.Close() })
	return c
}

// read passes the messages of the server on.
func (c *client) read(r *bufio.Reader) {
	defer close(c.messages)
	for {
		header, err := r.ReadString('\n')
		if err != nil {
			return
		}
		size, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(header, "Content-Length:")))
		if err != nil {
			c.log.add("header " + header)
			return
		}
		body := make([]byte, size+2) // with the empty line
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		var m message
		if err := json.Unmarshal(body, &m); err != nil {
			c.log.add("body " + string(body))
			return
		}
		c.messages <- m
	}
}

// raw sends a text with a header.
func (c *client) raw(text string) {
	c.t.Helper()
	if _, err := fmt.Fprintf(c.in, "Content-Length: %d\r\n\r\n%s", len(text), text); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) send(fields map[string]any) {
	c.t.Helper()
	fields["jsonrpc"] = "2.0"
	text, err := json.Marshal(fields)
	if err != nil {
		c.t.Fatal(err)
	}
	c.raw(string(text))
}

func (c *client) notify(method string, params any) {
	c.t.Helper()
	c.send(map[string]any{"method": method, "params": params})
}

// next returns the next message, and records published diagnostics.
func (c *client) next() message {
	c.t.Helper()
	select {
	case m, ok := <-c.messages:
		if !ok {
			c.t.Fatalf("the server has ended: %s", c.log)
		}
		if m.Method == "textDocument/publishDiagnostics" {
			var p publishParams
			if err := json.Unmarshal(m.Params, &p); err != nil {
				c.t.Fatal(err)
			}
			c.published[p.URI] = p.Diagnostics
			c.count[p.URI]++
		}
		return m
	case <-time.After(patience):
		c.t.Fatalf("no message in %v: %s", patience, c.log)
	}
	return message{}
}

// call sends a request, and returns its answer.
func (c *client) call(method string, params any) message {
	c.t.Helper()
	c.nextID++
	c.send(map[string]any{"id": c.nextID, "method": method, "params": params})
	for {
		if m := c.next(); m.Method == "" && string(m.ID) == strconv.Itoa(c.nextID) {
			return m
		}
	}
}

// request sends a request, and decodes its answer.
func request[R any](c *client, method string, params any) R {
	c.t.Helper()
	m := c.call(method, params)
	if m.Error != nil {
		c.t.Fatalf("%s: %d %s", method, m.Error.Code, m.Error.Message)
	}
	var result R
	if err := json.Unmarshal(m.Result, &result); err != nil {
		c.t.Fatalf("%s: %v in %s", method, err, m.Result)
	}
	return result
}

// initialize does what an editor does first.
func (c *client) initialize() *client {
	c.t.Helper()
	completionItem := map[string]any{"snippetSupport": true}
	request[map[string]any](c, "initialize", map[string]any{
		"rootUri": c.uri(""), "capabilities": map[string]any{
			"textDocument": map[string]any{"completion": map[string]any{"completionItem": completionItem}},
		},
	})
	c.notify("initialized", map[string]any{})
	return c
}

func (c *client) uri(name string) string {
	var docs documents
	return docs.uriOf(filepath.Join(c.dir, name))
}

// open opens a file with a text.
func (c *client) open(name, text string) {
	c.t.Helper()
	c.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": c.uri(name), "languageId": "hcl", "version": 1, "text": text,
	}})
}

// openFile opens a file with its text on disk, and returns the text.
func (c *client) openFile(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		c.t.Fatal(err)
	}
	c.open(name, string(text))
	return string(text)
}

// change replaces the whole text of a file.
func (c *client) change(name, text string) {
	c.t.Helper()
	c.notify("textDocument/didChange", map[string]any{
		"textDocument": map[string]any{"uri": c.uri(name), "version": 2}, "contentChanges": []any{map[string]any{"text": text}},
	})
}

// waitFor waits until the diagnostics of a file satisfy a condition.
func (c *client) waitFor(name string, holds func([]Diagnostic) bool) []Diagnostic {
	c.t.Helper()
	uri := c.uri(name)
	for c.count[uri] == 0 || !holds(c.published[uri]) {
		c.next()
	}
	return c.published[uri]
}

func (c *client) waitForMessages(name string, want ...string) []Diagnostic {
	c.t.Helper()
	return c.waitFor(name, func(found []Diagnostic) bool {
		return len(found) == len(want) && !slices.ContainsFunc(want, func(text string) bool {
			return !slices.ContainsFunc(found, func(d Diagnostic) bool { return strings.Contains(d.Message, text) })
		})
	})
}

// place returns the text without its mark "|", and the position of the mark.
func place(t *testing.T, text string) (string, Position) {
	t.Helper()
	before, after, found := strings.Cut(text, "|")
	if !found {
		t.Fatalf("no | in %q", text)
	}
	line := before[strings.LastIndex(before, "\n")+1:]
	return before + after, Position{strings.Count(before, "\n"), len(utf16.Encode([]rune(line)))}
}

// at returns the parameters for the first place of a text in a file, plus an offset in bytes.
func (c *client) at(name, text, word string, plus int) map[string]any {
	c.t.Helper()
	i := strings.Index(text, word)
	if i < 0 {
		c.t.Fatalf("no %q in %s", word, name)
	}
	_, position := place(c.t, text[:i+plus]+"|")
	return map[string]any{"textDocument": map[string]any{"uri": c.uri(name)}, "position": position}
}

// applied returns a text after the edits of the server.
func applied(text string, edits []TextEdit) string {
	l := newLines([]byte(text))
	slices.SortFunc(edits, func(a, b TextEdit) int { return l.offset(b.Range.Start) - l.offset(a.Range.Start) })
	for _, e := range edits {
		text = text[:l.offset(e.Range.Start)] + e.NewText + text[l.offset(e.Range.End):]
	}
	return text
}

// end shuts the server down, and returns its exit code.
func (c *client) end() int {
	c.t.Helper()
	if m := c.call("shutdown", nil); m.Error != nil {
		c.t.Fatal(m.Error.Message)
	}
	c.notify("exit", nil)
	return c.waitForExit()
}

func (c *client) waitForExit() int {
	c.t.Helper()
	select {
	case code := <-c.exit:
		return code
	case <-time.After(patience):
		c.t.Fatal("the server does not end")
	}
	return -1
}

func labels(items []CompletionItem) []string {
	found := map[string]bool{}
	for _, item := range items {
		found[item.Label] = true
	}
	return slices.Sorted(maps.Keys(found))
}
