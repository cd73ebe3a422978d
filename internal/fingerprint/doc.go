// Package fingerprint tells whether what a task reads has changed since it last succeeded, and what. It knows files and
// words; what else a task depends on it is told by name.
package fingerprint
