// Package diagnostics renders the diagnostics of the language: as text with the source line, and as documents. The
// package depends on no other package of the program, so tests of the language can compare the text.
package diagnostics
