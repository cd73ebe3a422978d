// Package hclspec is the language of Tasks.hcl: syntax, scope, functions, validation.
//
// A file passes three steps. [Parse] reads the bytes and returns a [File]: names, descriptions, references and
// ranges, with all checks that need no value. [File.Compose] evaluates the compose block, because the project is
// needed for all other blocks. [File.Evaluate] evaluates the targets and all their dependencies into a [Spec] of
// plain values.
//
// The packages below internal/ follow these steps. Package config declares and checks; this package evaluates.
// Packages arguments, ctyconv, diag, funcs, hcltext, secret, shelllint and shellwords are leaves of both.
//
// The package uses no engine, no process, no network and no clock. Facts of the host come in [Inputs]. Only the
// functions for files and the attribute env_files open files: the files of the project and dotenv files. Mistakes of
// an author are hcl.Diagnostics with exact ranges. Mistakes in the program panic.
package hclspec
