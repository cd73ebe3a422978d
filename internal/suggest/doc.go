// Package suggest finds the nearest of known names to a name that does not exist.
package suggest
