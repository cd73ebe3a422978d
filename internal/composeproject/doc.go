// Package composeproject loads compose files exactly as Docker Compose does, and computes the names, labels and hashes
// that Compose puts on what it makes, so that Compose and tasks take each other's containers for their own.
//
// It reads files and nothing else: no engine, no process environment (the caller hands over the environment), no output.
// compose-go itself warns through the logrus standard logger, about variables that are not set for instance; whoever owns
// the terminal decides where that goes. A [Project] is immutable and may be used from several goroutines at once.
package composeproject
