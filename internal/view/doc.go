// Package view makes all text and documents of the program: notices, streams of commands, tables, diagnostics, JSON.
// Packages below never print. Progress and diagnostics appear on stderr, because stdout belongs to the tasks.
package view
