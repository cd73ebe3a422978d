// Package lsp is the language server of `tasks lsp`: the Language Server Protocol over stdin and stdout.
//
// The library jrpc2 has the requests, their answers and their order. The package has the messages of the protocol that
// the server uses , the open documents, and a file for each feature.
//
// Two sources answer. The parser and the checks of `tasks validate` give the diagnostics, in the background, after a
// short quiet time. All other features read the words of the open files as they are now, by package symbols, and the
// last loaded compose project. The server runs no command and asks no engine, and its answers have no value of a
// variable of the environment.
package lsp
