// Package composetest helps the tests of tasks beside three generations of Compose, in compat. docker-compose 1.29 is the
// model of the command line of `tasks once`; the others are Compose v2 and v5. The tests show that each tool continues with
// the other's containers, and that equal command lines make equal containers. `.ci/peers` provides the programs;
// docs/compose.md explains the differences.
package composetest
