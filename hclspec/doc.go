// Package hclspec is the language of Tasks.hcl: syntax, scope, functions, validation.
//
// A file goes through it in three steps. [Parse] reads the bytes and yields a [File]: names, descriptions, references
// and ranges, checked as a whole. [File.Compose] evaluates the one block that is needed before the rest. [File.Evaluate]
// evaluates what the wanted tasks reach into a [Spec] of plain values.
//
// The package is pure: no engine, no process, no network, no clock. What it knows of the world comes in [Inputs].
// Mistakes of the author are hcl.Diagnostics with exact ranges; mistakes of our own panic.
package hclspec
