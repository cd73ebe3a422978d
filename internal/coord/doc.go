// Package coord coordinates processes of tasks: runs of one checkout, and of all checkouts of a user. The
// package has three concepts.
//
//   - A lock excludes other processes. [Store.Lock] is for resources on the engine, [Store.LockFor] for
//     tasks.
//   - A lease says "in use". Many processes may have a lease on a resource at a time. The last user removes
//     the resource. [Leases] has the life of a lease: Acquire, Retain, ReleaseLast.
//   - The [Journal] records the owner of a running command, and facts about a container that labels cannot
//     say.
//
// An [Owner] is a process in such records and in labels on the engine. LivenessOf decides whether an owner is
// dead.
//
// A [Store] has all three for a project. The files stand in the state directory of the project, `.tasks`, and
// in a directory for all checkouts of the user, one per engine. A [Dir] is such a directory, with small files
// that a writer replaces as a whole. Other versions of the program may run at the same time, so names and
// contents of files, and the order of locks, must not change.
//
// The package imports no other package of the program. It speaks of names, ids and labels; the workspace and
// the executor know about projects and containers.
package coord
