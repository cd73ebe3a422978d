// Package view renders what happens: the notices of a run, the streams of its commands, lists and errors. Nothing below it
// prints. Progress and diagnostics go to stderr, so that stdout belongs to the tasks.
package view
