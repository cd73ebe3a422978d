// Package toolbox makes the images for engine tests, without a registry, and checks that tests leave nothing behind.
//
// The image holds a static program (cmd/toolbox) under many names in /bin: sh, common small tools, and programs that
// handle signals, listen late, fail at first, and so on. The image is imported once and kept. The name ends with a hash
// of the content, so a changed program gives another image. `docker rmi $(docker images -q -f
// label=tasks.test=toolbox)` removes all toolbox images.
package toolbox
