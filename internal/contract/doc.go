// Package contract has only tests. They run the compiled program and hold literally what other programs, other
// versions of tasks and Compose read: JSON shapes, exit codes, labels, names, files. They know no identifier of the
// program's code.
package contract
