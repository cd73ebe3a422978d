// Package globs is the one glob language of `paths`, `ignore`, `inputs` and `outputs`. The package also knows the files
// that never count.
package globs
