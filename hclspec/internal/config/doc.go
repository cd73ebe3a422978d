// Package config reads the files of a project, declares their blocks and makes all checks that need no value. The
// result is a [File].
package config
