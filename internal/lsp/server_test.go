package lsp

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

const shopTasks = `variable "settings" {
  default     = "dev"
  description = "Django settings"
}

variable "token" {
  default   = "hunter2"
  sensitive = true
}

locals {
  image = "alpine:3.22"
}

task "lint" {
  image   = local.image
  command = ["ruff", "check", "."]
}

task "test" {
  description = "Run the tests 🧪"
  depends_on  = [task.lint, service.db.healthy]
  service     = "web"
  command     = ["pytest", arg.word, join(" ", args)]
  env         = { SETTINGS = var.settings, TOKEN = var.token }

  arg "word" {
    default = "all"
  }
}
`

const shopCompose = `services:
  web:
    image: shop-web
    environment:
      DATABASE_URL: postgres://secret
      DEBUG: "1"
    ports: ["8000:80"]
    depends_on: [db]
  db:
    image: postgres:18
    ports: ["5432"]
  seed:
    image: postgres:18
    profiles: [data, extra]
`

func shop() map[string]string {
	return map[string]string{"Tasks.hcl": shopTasks, "compose.yaml": shopCompose}
}

// TestLifecycle: the states and exit codes of the protocol.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	c := newClient(t, shop())
	if m := c.call("textDocument/completion", map[string]any{}); m.Error == nil || m.Error.Code != codeNotInitialized {
		t.Errorf("before initialize: %+v", m)
	}
	c.initialize()
	if m := c.call("initialize", map[string]any{}); m.Error == nil || m.Error.Code != codeInvalidRequest {
		t.Errorf("a second initialize: %+v", m)
	}
	if m := c.call("no/such", map[string]any{}); m.Error == nil || m.Error.Code != -32601 {
		t.Errorf("an unknown method: %+v", m)
	}
	c.notify("$/setTrace", map[string]any{"value": "off"})
	if m := c.call("shutdown", nil); m.Error != nil || string(m.Result) != "null" {
		t.Errorf("shutdown: %+v", m)
	}
	if m := c.call("textDocument/completion", map[string]any{}); m.Error == nil || m.Error.Code != codeInvalidRequest {
		t.Errorf("after shutdown: %+v", m)
	}
	c.notify("exit", nil)
	if code := c.waitForExit(); code != 0 {
		t.Errorf("exit code %d after shutdown and exit", code)
	}
}

// TestExitWithoutShutdown: exit and a closed stdin without a shutdown give 1.
func TestExitWithoutShutdown(t *testing.T) {
	t.Parallel()
	c := newClient(t, shop()).initialize()
	c.notify("exit", nil)
	if code := c.waitForExit(); code != 1 {
		t.Errorf("exit code %d after exit alone", code)
	}
	c = newClient(t, shop()).initialize()
	c.in.Close()
	if code := c.waitForExit(); code != 1 {
		t.Errorf("exit code %d after the end of stdin", code)
	}
}

// TestHastyExit: exit may arrive before the answer to shutdown.
func TestHastyExit(t *testing.T) {
	t.Parallel()
	for range 20 {
		c := newClient(t, shop()).initialize()
		c.send(map[string]any{"id": 1000, "method": "shutdown"})
		c.notify("exit", nil)
		if code := c.waitForExit(); code != 0 {
			t.Fatalf("exit code %d", code)
		}
	}
}

// TestHostileMessages: wrong messages get errors, and the server goes on.
func TestHostileMessages(t *testing.T) {
	t.Parallel()
	c := newClient(t, shop()).initialize()
	for _, text := range []string{`{"jsonrpc":"2.0","id":7,`, `[]`, `null`, `{"jsonrpc":"2.0","id":{},"method":5}`} {
		c.raw(text)
		if m := c.next(); m.Error == nil {
			t.Errorf("%s: %+v", text, m)
		}
	}
	c.raw(`{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///nowhere"}}}`)
	c.raw(`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":99}}`)
	for _, params := range []any{nil, 5, map[string]any{"textDocument": 5}, map[string]any{"textDocument": map[string]any{"uri": "%"}}} {
		if m := c.call("textDocument/completion", params); m.Error == nil {
			t.Errorf("completion with %v: %s", params, m.Result)
		}
	}
	text := c.openFile("Tasks.hcl")
	far := map[string]any{
		"textDocument": map[string]any{"uri": c.uri("Tasks.hcl")}, "position": Position{Line: 1 << 30, Character: -5},
	}
	if list := request[CompletionList](c, "textDocument/completion", far); len(list.Items) == 0 {
		t.Errorf("no candidates at the end of %q", text)
	}
	if code := c.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestBrokenStream: a broken header ends the server with an error, and asks for no memory.
func TestBrokenStream(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		"Content-Length: 99999999999999\r\n\r\n", "Content-Length: -1\r\n\r\n", "\r\n", strings.Repeat("x", 1<<20),
	} {
		c := newClient(t, shop())
		go c.in.Write([]byte(header)) // blocks after the end of the server
		if code := c.waitForExit(); code != 1 {
			t.Errorf("%.40q: exit code %d", header, code)
		}
		if log := c.log.String(); !strings.Contains(log, "has lost its editor") {
			t.Errorf("%.40q: log %q", header, log)
		}
	}
}

// TestCancelled: a cancelled request gets the error of the protocol or its answer, once.
func TestCancelled(t *testing.T) {
	t.Parallel()
	c := newClient(t, shop()).initialize()
	c.openFile("Tasks.hcl")
	for id := 100; id < 150; id++ {
		params := map[string]any{"textDocument": map[string]any{"uri": c.uri("Tasks.hcl")}, "position": Position{}}
		c.send(map[string]any{"id": id, "method": "textDocument/completion", "params": params})
		c.notify("$/cancelRequest", map[string]any{"id": id})
	}
	answered := map[string]bool{}
	for len(answered) < 50 {
		m := c.next()
		if m.Method != "" {
			continue
		}
		if answered[string(m.ID)] || m.Error != nil && m.Error.Code != codeCancelled {
			t.Fatalf("%+v", m)
		}
		answered[string(m.ID)] = true
	}
}

// TestRandomEdits: after any edits, the server has the text of the editor.
func TestRandomEdits(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "\n", "\r\n", "🧪", "漢字", "\"", "{", "}", "task \"x\" {\n", "é", "", "e\u0301", "<<EOT\n"}
	doc := newDocument("file:///x/Tasks.hcl", 0, []byte(shopTasks), nil)
	text := []rune(shopTasks)
	for i := range 2000 {
		from := random.IntN(len(text) + 1)
		to := min(len(text), from+random.IntN(4))
		if from > 0 && text[from-1] == '\r' || to > 0 && to < len(text) && text[to-1] == '\r' {
			continue // no editor has a position inside of a line break
		}
		piece := pieces[random.IntN(len(pieces))]
		change := contentChange{Range: &Range{positionIn(text, from), positionIn(text, to)}, Text: piece}
		text = append(append(append([]rune{}, text[:from]...), []rune(piece)...), text[to:]...)
		doc = doc.edited(i, []contentChange{change})
		if string(doc.text()) != string(text) {
			t.Fatalf("edit %d: %q at %d-%d gives other texts", i, piece, from, to)
		}
		fresh := newDocument(doc.uri, 0, doc.text(), nil)
		if got, want := len(doc.symbols.Chunks), len(fresh.symbols.Chunks); got != want {
			t.Fatalf("edit %d: %d chunks, %d from the start", i, got, want)
		}
		doc.symbols.At(random.IntN(len(doc.text()) + 1))
	}
}

// positionIn counts the position of a character as an editor does.
func positionIn(text []rune, index int) Position {
	var p Position
	for i, r := range text[:index] {
		switch {
		case r == '\n', r == '\r' && (i+1 == len(text) || text[i+1] != '\n'):
			p = Position{Line: p.Line + 1}
		case r > 0xffff:
			p.Character += 2
		default:
			p.Character++
		}
	}
	return p
}

// TestCapabilities: the server offers the features that it has handlers for.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	c := newClient(t, shop())
	answer := request[struct {
		Capabilities map[string]json.RawMessage `json:"capabilities"`
	}](c, "initialize", map[string]any{})
	for provider, method := range map[string]string{
		"completionProvider": "textDocument/completion", "hoverProvider": "textDocument/hover",
		"definitionProvider": "textDocument/definition", "referencesProvider": "textDocument/references",
		"documentSymbolProvider": "textDocument/documentSymbol", "documentFormattingProvider": "textDocument/formatting",
		"renameProvider": "textDocument/rename", "codeLensProvider": "textDocument/codeLens",
		"semanticTokensProvider": "textDocument/semanticTokens/full",
	} {
		_, isOffered := answer.Capabilities[provider]
		hasHandler := (&Server{}).featureHandler(method) != nil
		if isOffered != hasHandler {
			t.Errorf("%s: offered %v, handled %v", provider, isOffered, hasHandler)
		}
	}
	if code := c.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}
