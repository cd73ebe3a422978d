// Package plaintext makes text from outside safe for a terminal: names, messages of other programs, parts of files.
// Control characters and characters of bidirectional text are spelled out, as Go spells them in string literals.
package plaintext
