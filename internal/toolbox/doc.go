// Package toolbox makes the images that engine tests run, without a registry, and checks that tests leave nothing behind.
//
// The image holds one static program (cmd/toolbox) under many names in /bin: sh, the usual small tools, and programs that
// handle signals, listen late, fail at first, and so on; see there. It is imported once and kept: its name ends with a hash
// of its content, so that a changed program is another image. `docker rmi $(docker images -q -f label=tasks.test=toolbox)`
// removes them all.
package toolbox
