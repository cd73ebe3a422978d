// Package completion has the scripts that complete commands, flags and tasks in a shell, and makes their candidates.
// Names of tasks and values come from files of others: no script evaluates a candidate or a typed word.
package completion
