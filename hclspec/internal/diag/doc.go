// Package diag makes, orders and words the diagnostics of the language.
package diag
