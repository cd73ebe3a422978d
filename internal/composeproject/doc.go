// Package composeproject loads compose files exactly as Docker Compose does. The package also computes Compose's names,
// labels and hashes of containers, networks and volumes. So Compose and tasks recognise each other's containers.
//
// The package only reads files: no engine, no output, and the caller supplies the environment instead of the process.
// compose-go itself warns through the standard logger of logrus, for instance about unset variables. The owner of the
// terminal decides where the warnings appear. A [Project] is immutable and safe for several goroutines.
package composeproject
