// Package planner makes the plan of a run: a graph of steps for tasks, services, images, networks and volumes. Each
// step has needs and reasons.
//
// The package is pure. [Build] takes the evaluated tasks, the compose project and a snapshot of the engine, and
// returns the same [Plan] for the same input. Decisions that need results of the run are functions in the plan: the
// executor calls them with the [Facts] of earlier steps.
package planner
