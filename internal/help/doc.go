// Package help has the help pages of the commands: their words, examples and groups, and the layout for a terminal.
package help
