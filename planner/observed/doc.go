// Package observed describes the state of a compose project on the engine: the snapshot with its containers, networks,
// volumes and images, the labels of `tasks`, and predicates of all these. It is pure.
package observed
