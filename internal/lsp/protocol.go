package lsp

import "encoding/json"

// The types in this file are the part of the Language Server Protocol 3.17 that the server uses.

// Position is a place in a document. Character counts UTF-16 code units.
type Position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// Range is a range of a document. The end is exclusive.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// Location is a range of a file.
type Location struct {
	URI   string `json:"uri"`
	Range Range  `json:"range"`
}

// TextEdit replaces a range of a document.
type TextEdit struct {
	Range   Range  `json:"range"`
	NewText string `json:"newText"`
}

// WorkspaceEdit changes several documents.
type WorkspaceEdit struct {
	Changes map[string][]TextEdit `json:"changes"`
}

// documentID names a document.
type documentID struct {
	URI string `json:"uri"`
}

// documentParams are the parameters of requests for a whole document.
type documentParams struct {
	TextDocument documentID `json:"textDocument"`
}

// positionParams are the parameters of requests for a place.
type positionParams struct {
	TextDocument documentID `json:"textDocument"`
	Position     Position   `json:"position"`
}

type initializeParams struct {
	RootURI          string       `json:"rootUri"`
	WorkspaceFolders []documentID `json:"workspaceFolders"`
	Capabilities     struct {
		Workspace struct {
			DidChangeWatchedFiles struct {
				DynamicRegistration bool `json:"dynamicRegistration"`
			} `json:"didChangeWatchedFiles"`
		} `json:"workspace"`
		TextDocument struct {
			Completion struct {
				CompletionItem struct {
					SnippetSupport bool `json:"snippetSupport"`
				} `json:"completionItem"`
			} `json:"completion"`
		} `json:"textDocument"`
	} `json:"capabilities"`
}

type didOpenParams struct {
	TextDocument struct {
		URI     string `json:"uri"`
		Version int    `json:"version"`
		Text    string `json:"text"`
	} `json:"textDocument"`
}

type didChangeParams struct {
	TextDocument struct {
		URI     string `json:"uri"`
		Version int    `json:"version"`
	} `json:"textDocument"`
	ContentChanges []contentChange `json:"contentChanges"`
}

// contentChange replaces a range, or the whole text without a range.
type contentChange struct {
	Range *Range `json:"range"`
	Text  string `json:"text"`
}

type cancelParams struct {
	ID json.RawMessage `json:"id"`
}

type referenceParams struct {
	positionParams
	Context struct {
		IncludeDeclaration bool `json:"includeDeclaration"`
	} `json:"context"`
}

type renameParams struct {
	positionParams
	NewName string `json:"newName"`
}

type publishParams struct {
	URI         string       `json:"uri"`
	Diagnostics []Diagnostic `json:"diagnostics"`
}

// Diagnostic is an error or a warning of a document.
type Diagnostic struct {
	Range    Range               `json:"range"`
	Severity int                 `json:"severity"`
	Source   string              `json:"source"`
	Message  string              `json:"message"`
	Related  []RelatedDiagnostic `json:"relatedInformation,omitempty"`
}

// RelatedDiagnostic is another place of a diagnostic.
type RelatedDiagnostic struct {
	Location Location `json:"location"`
	Message  string   `json:"message"`
}

// The severities of diagnostics.
const (
	severityError   = 1
	severityWarning = 2
)

// CompletionItem is a candidate of a completion.
type CompletionItem struct {
	Label            string         `json:"label"`
	Kind             int            `json:"kind"`
	Detail           string         `json:"detail,omitempty"`
	Documentation    *MarkupContent `json:"documentation,omitempty"`
	InsertTextFormat int            `json:"insertTextFormat,omitempty"`
	TextEdit         TextEdit       `json:"textEdit"`
	FilterText       string         `json:"filterText,omitempty"`
}

// CompletionList is the answer to a request for completion.
type CompletionList struct {
	IsIncomplete bool             `json:"isIncomplete"`
	Items        []CompletionItem `json:"items"`
}

// The kinds of candidates.
const (
	kindFunction = 3
	kindVariable = 6
	kindModule   = 9
	kindProperty = 10
	kindValue    = 12
	kindEnum     = 13
	kindKeyword  = 14
	kindRef      = 18
)

// insertSnippet marks a text with places for the cursor.
const insertSnippet = 2

// MarkupContent is a text in Markdown.
type MarkupContent struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// Hover is the answer to a request for a hover.
type Hover struct {
	Contents MarkupContent `json:"contents"`
	Range    Range         `json:"range"`
}

// DocumentSymbol is an entry of the outline.
type DocumentSymbol struct {
	Name           string           `json:"name"`
	Detail         string           `json:"detail,omitempty"`
	Kind           int              `json:"kind"`
	Range          Range            `json:"range"`
	SelectionRange Range            `json:"selectionRange"`
	Children       []DocumentSymbol `json:"children,omitempty"`
}

// CodeLens is a command above a line.
type CodeLens struct {
	Range   Range   `json:"range"`
	Command Command `json:"command"`
}

// Command is a command of the editor.
type Command struct {
	Title     string `json:"title"`
	Command   string `json:"command"`
	Arguments []any  `json:"arguments,omitempty"`
}

// SemanticTokens are the words of a document for highlighting, in the relative numbers of the protocol.
type SemanticTokens struct {
	Data []int `json:"data"`
}

// PrepareRename is the name at a place that can be renamed.
type PrepareRename struct {
	Range       Range  `json:"range"`
	Placeholder string `json:"placeholder"`
}
