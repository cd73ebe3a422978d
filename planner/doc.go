// Package planner turns names into a graph: which services, images, networks and tasks a run needs, in which order, what
// is there already and what has to be made, and why.
//
// It is pure. [Build] takes the evaluated tasks, the compose project and a snapshot of the engine, and always gives the
// same [Plan] for the same input. What only the run can tell is a function in the plan, called with the [Facts] that
// earlier steps yielded.
package planner
