// Package starter makes a starter file: a first Tasks.hcl, from the compose project and from the files of other tools.
//
// Each source turns into tasks of a small model: a compose project, a Makefile, a justfile, a Taskfile, a package.json,
// a batect.yml, and files with `docker compose run` lines. A part without an equal in the language becomes a comment
// with the place of the part. Sources are data of others: nothing of a source is executed.
package starter
