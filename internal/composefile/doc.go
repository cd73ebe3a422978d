// Package composefile reads compose files as YAML nodes with their places, and finds the mistakes in the files. The
// loader of compose-go reports a single mistake without a place. The search runs only after the loader has rejected
// the files, and never rejects files by itself.
package composefile
