package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/creachadair/jrpc2"

	"tasks/internal/workspace"
)

// Options are the surroundings of a server.
type Options struct {
	// Config is the configuration of a command without the engine.
	Config workspace.Config
	In     io.Reader
	Out    io.Writer
	// Log takes messages for the log of the editor.
	Log func(text string)
	// Quiet is the time without edits before a validation.
	Quiet time.Duration
}

// Quiet is the usual time without edits before a validation.
const Quiet = 20 * time.Millisecond

// maxParallel is the number of requests at a time. A slow request must not delay its own cancellation.
const maxParallel = 8

// Error codes of the protocol.
const (
	codeNotInitialized = -32002
	codeInvalidRequest = -32600
	codeCancelled      = -32800
	codeRequestFailed  = -32803
	codeInternal       = -32603
)

// Server is a language server for one editor.
type Server struct {
	options  Options
	rpc      *jrpc2.Server
	docs     documents
	projects *projects
	checks   *validator

	isInitialized, isShutdown, hasExited atomic.Bool
	// wantsShutdown is set when the request arrives: an editor may send exit before the answer.
	wantsShutdown              atomic.Bool
	usesSnippets, watchesFiles bool
	// cancels are the functions that cancel open requests, by the JSON of the id. The library has cancellation too, but
	// answers a request that waits for its turn with a code that is not in the protocol.
	cancels sync.Map
}

// NewServer returns a server that has not read a message yet.
func NewServer(options Options) *Server {
	s := &Server{options: options, docs: documents{open: map[string]*document{}}}
	s.projects = newProjects(options.Config, &s.docs)
	s.checks = newValidator(s)
	return s
}

// Run answers until the editor sends exit, or closes stdin. The exit code is 0 after a shutdown, else 1. An error is a
// broken stream.
func (s *Server) Run() (exitCode int, err error) {
	closed := make(chan struct{})
	in, stop := io.Pipe()
	go func() {
		_, err := io.Copy(stop, s.options.In)
		stop.CloseWithError(err) // nil is the end of the input
	}()
	ch := newFramedChannel(in, s.options.Out, func() { in.Close() })
	s.rpc = jrpc2.NewServer(methods{s}, &jrpc2.ServerOptions{
		AllowPush: true, DisableBuiltin: true, Concurrency: maxParallel,
	})
	s.rpc.Start(ch)
	go func() {
		s.checks.loop(closed)
	}()
	err = s.rpc.Wait()
	close(closed)
	if s.wantsShutdown.Load() && err == nil {
		return 0, nil
	}
	if err != nil && !s.hasExited.Load() {
		return 1, fmt.Errorf("the language server has lost its editor: %w", err)
	}
	return 1, nil
}

// notify sends a notification to the editor. A lost editor ends the server by itself.
func (s *Server) notify(method string, params any) {
	_ = s.rpc.Notify(context.Background(), method, params)
}

// methods finds the handler of a request.
type methods struct{ s *Server }

// Assign implements the interface of the library.
func (m methods) Assign(inbound context.Context, name string) jrpc2.Handler {
	handler := m.s.handler(name)
	if handler == nil {
		if strings.HasPrefix(name, "$/") {
			return func(_ context.Context, r *jrpc2.Request) (any, error) { return nil, ignored(r, name) }
		}
		return nil
	}
	if name == "shutdown" && m.s.isInitialized.Load() {
		m.s.wantsShutdown.Store(true)
	}
	ctx, cancel := context.WithCancel(context.Background())
	id := ""
	if r := jrpc2.InboundRequest(inbound); r != nil && !r.IsNotification() {
		id = r.ID()
		m.s.cancels.Store(id, cancel)
	}
	return func(_ context.Context, r *jrpc2.Request) (answer any, err error) {
		defer cancel()
		defer m.s.cancels.Delete(id)
		defer func() {
			if cause := recover(); cause != nil {
				m.s.options.Log(fmt.Sprintf("%s: %v", name, cause))
				answer, err = nil, jrpc2.Errorf(codeInternal, "%s: %v", name, cause)
			}
		}()
		if err := m.s.checkState(name); err != nil {
			return nil, err
		}
		answer, err = handler(ctx, r)
		if ctx.Err() != nil {
			return nil, jrpc2.Errorf(codeCancelled, "%s was cancelled", name)
		}
		return answer, err
	}
}

// ignored is the answer to an optional message of the protocol.
func ignored(r *jrpc2.Request, name string) error {
	if r.IsNotification() {
		return nil
	}
	return jrpc2.Errorf(jrpc2.MethodNotFound, "no method %q", name)
}

// checkState refuses messages before initialize and after shutdown.
func (s *Server) checkState(method string) error {
	switch {
	case method == "exit":
	case s.isShutdown.Load():
		return jrpc2.Errorf(codeInvalidRequest, "%s after shutdown", method)
	case method == "initialize" && s.isInitialized.Load():
		return jrpc2.Errorf(codeInvalidRequest, "initialize was sent before")
	case method != "initialize" && !s.isInitialized.Load():
		return jrpc2.Errorf(codeNotInitialized, "%s before initialize", method)
	}
	return nil
}

// handler returns the handler of a method, or nil.
func (s *Server) handler(method string) jrpc2.Handler {
	switch method {
	case "initialize":
		return handle(s.initialize)
	case "initialized":
		return handle(func(context.Context, struct{}) (any, error) { return nil, s.watchFiles() })
	case "shutdown":
		return handle(func(context.Context, struct{}) (any, error) {
			s.isShutdown.Store(true)
			return nil, nil
		})
	case "exit":
		return handle(func(context.Context, struct{}) (any, error) {
			s.hasExited.Store(true)
			go s.rpc.Stop() // waits for this handler
			return nil, nil
		})
	case "$/cancelRequest":
		return handle(func(_ context.Context, p cancelParams) (any, error) {
			if cancel, isOpen := s.cancels.Load(string(p.ID)); isOpen {
				cancel.(context.CancelFunc)()
			}
			return nil, nil
		})
	}
	if handler := s.documentHandler(method); handler != nil {
		return handler
	}
	return s.featureHandler(method)
}

// documentHandler returns the handler of a message about open documents and files.
func (s *Server) documentHandler(method string) jrpc2.Handler {
	switch method {
	case "textDocument/didOpen":
		return handle(s.didOpen)
	case "textDocument/didChange":
		return handle(s.didChange)
	case "textDocument/didClose":
		return handle(s.didClose)
	case "textDocument/didSave", "workspace/didChangeWatchedFiles":
		return handle(func(context.Context, struct{}) (any, error) {
			s.checks.requestAll()
			return nil, nil
		})
	case "workspace/didChangeConfiguration", "workspace/didChangeWorkspaceFolders":
		return handle(func(context.Context, struct{}) (any, error) { return nil, nil })
	}
	return nil
}

// featureHandler returns the handler of a feature.
func (s *Server) featureHandler(method string) jrpc2.Handler {
	switch method {
	case "textDocument/completion":
		return handle(s.completion)
	case "textDocument/hover":
		return handle(s.hover)
	case "textDocument/definition":
		return handle(s.definition)
	case "textDocument/references":
		return handle(s.references)
	case "textDocument/documentSymbol":
		return handle(s.outline)
	case "textDocument/formatting":
		return handle(s.formatting)
	case "textDocument/prepareRename":
		return handle(s.prepareRename)
	case "textDocument/rename":
		return handle(s.rename)
	case "textDocument/codeLens":
		return handle(s.codeLens)
	case "textDocument/semanticTokens/full":
		return handle(s.semanticTokens)
	}
	return nil
}

// handle makes a handler of a function with parameters of its own.
func handle[P any](call func(context.Context, P) (any, error)) jrpc2.Handler {
	return func(ctx context.Context, r *jrpc2.Request) (any, error) {
		var params P
		if raw := r.ParamString(); raw != "" && raw != "null" {
			if err := json.Unmarshal([]byte(raw), &params); err != nil {
				return nil, jrpc2.Errorf(jrpc2.InvalidParams, "%s: %v", r.Method(), err)
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return call(ctx, params)
	}
}

// initialize answers with the abilities of the server.
func (s *Server) initialize(_ context.Context, p initializeParams) (any, error) {
	s.usesSnippets = p.Capabilities.TextDocument.Completion.CompletionItem.SnippetSupport
	s.watchesFiles = p.Capabilities.Workspace.DidChangeWatchedFiles.DynamicRegistration
	folders := p.WorkspaceFolders
	if len(folders) == 0 {
		folders = []documentID{{URI: p.RootURI}}
	}
	for _, folder := range folders {
		s.projects.addFolder(pathOf(folder.URI))
	}
	s.isInitialized.Store(true)
	return map[string]any{
		"serverInfo":   map[string]string{"name": "tasks", "version": s.options.Config.Version},
		"capabilities": capabilities(),
	}, nil
}

// capabilities are the abilities of the server.
func capabilities() map[string]any {
	return map[string]any{
		"positionEncoding":   "utf-16",
		"textDocumentSync":   map[string]any{"openClose": true, "change": 2, "save": map[string]any{}},
		"completionProvider": map[string]any{"triggerCharacters": []string{".", `"`, "["}},
		"hoverProvider":      true, "definitionProvider": true, "referencesProvider": true,
		"documentSymbolProvider": true, "documentFormattingProvider": true,
		"renameProvider":   map[string]any{"prepareProvider": true},
		"codeLensProvider": map[string]any{},
		"semanticTokensProvider": map[string]any{
			"legend": map[string]any{"tokenTypes": semanticTypes(), "tokenModifiers": []string{}}, "full": true,
		},
	}
}

// watchFiles asks the editor for changes of files on disk.
func (s *Server) watchFiles() error {
	if !s.watchesFiles {
		return nil
	}
	var watchers []map[string]string
	for _, glob := range []string{"**/*.hcl", "**/*.tasksvars", "**/*.yaml", "**/*.yml", "**/.env"} {
		watchers = append(watchers, map[string]string{"globPattern": glob})
	}
	registration := map[string]any{
		"id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": map[string]any{"watchers": watchers},
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_, err := s.rpc.Callback(ctx, "client/registerCapability", map[string]any{"registrations": []any{registration}})
		if err != nil && !errors.Is(err, jrpc2.ErrConnClosed) {
			s.options.Log("the editor reports no changes of files: " + err.Error())
		}
	}()
	return nil
}

func (s *Server) didOpen(_ context.Context, p didOpenParams) (any, error) {
	d := p.TextDocument
	s.docs.set(newDocument(d.URI, d.Version, []byte(d.Text), nil))
	s.checks.request(pathOf(d.URI))
	return nil, nil
}

func (s *Server) didChange(_ context.Context, p didChangeParams) (any, error) {
	doc := s.docs.get(p.TextDocument.URI)
	if doc == nil {
		return nil, fmt.Errorf("%s is not open", p.TextDocument.URI)
	}
	edited := doc.edited(p.TextDocument.Version, p.ContentChanges)
	s.docs.set(edited)
	s.checks.checkSyntax(doc, edited)
	s.checks.request(doc.path)
	return nil, nil
}

func (s *Server) didClose(_ context.Context, p documentParams) (any, error) {
	path := pathOf(p.TextDocument.URI)
	s.docs.remove(p.TextDocument.URI)
	s.checks.request(path)
	return nil, nil
}

// filePlace is a place of a file in a snapshot of its project.
type filePlace struct {
	snapshot *snapshot
	file     sourceFile
	offset   int
}

// placeOf finds an open document, its project and a place, or returns an error for the editor.
func (s *Server) placeOf(p positionParams) (filePlace, error) {
	doc := s.docs.get(p.TextDocument.URI)
	if doc == nil {
		return filePlace{}, jrpc2.Errorf(jrpc2.InvalidParams, "%s is not open", p.TextDocument.URI)
	}
	at := filePlace{snapshot: s.projects.of(doc.path).snapshot()}
	var isKnown bool
	if at.file, isKnown = at.snapshot.file(doc.path); !isKnown || at.file.uri != doc.uri {
		at.file = sourceFile{doc, []string{""}}
		at.snapshot.files = append(at.snapshot.files, at.file)
	}
	at.offset = at.file.lines.offset(p.Position)
	return at, nil
}

// fileOf finds an open document in its project.
func (s *Server) fileOf(p documentParams) (filePlace, error) {
	return s.placeOf(positionParams{TextDocument: p.TextDocument})
}
