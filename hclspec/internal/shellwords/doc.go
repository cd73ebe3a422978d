// Package shellwords splits text into words and quotes words, as a POSIX shell does.
package shellwords
