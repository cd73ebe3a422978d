// Package workspace opens the files of a project, evaluates tasks, loads compose projects and plans runs.
//
// A caller takes three steps: [Open] reads and parses the files, [Run.EvaluateTargets] turns targets into a spec,
// and [Run.MakePlan] observes the engine and plans the spec. Each step returns diagnostics and an error; the
// package prints nothing. [NewSession] performs plans.
package workspace
