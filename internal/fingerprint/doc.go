// Package fingerprint finds whether the inputs of a task have changed since the last success, and the first change. The
// package reads files; callers describe all other inputs as named texts.
package fingerprint
