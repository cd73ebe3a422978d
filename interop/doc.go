// Package interop holds tests that run tasks beside real Compose, of three generations: docker-compose 1.29, which the
// command line of `tasks once` comes from, Compose v2 and Compose v5. They show that either tool goes on with what the
// other has made, and that one command line makes one container. `.ci/peers` provides the programs; docs/compose.md
// explains what differs.
package interop
