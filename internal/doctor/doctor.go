// Package doctor has the checks of `tasks doctor`: the engine, this machine, and the compose project. The checks only
// read, and every finding has a remedy.
package doctor

import (
	"context"
	"os/exec"
	"time"

	"tasks/executor/engine"
)

// Status is the result of a check.
type Status string

const (
	// OK needs no action. A Warning may become a problem. A Problem must be solved before runs can succeed.
	OK      Status = "ok"
	Warning Status = "warning"
	Problem Status = "problem"
)

// Finding is the result of a check.
type Finding struct {
	// Node is the name of the engine among several engines.
	Node string `json:"node,omitempty"`
	// Check is the subject: engine, disk.
	Check  string `json:"check"`
	Status Status `json:"status"`
	Fact   string `json:"fact"`
	// Remedy is empty for OK.
	Remedy string `json:"remedy,omitempty"`
}

// Report has the findings of a call, in the order of the checks.
type Report struct{ Findings []Finding }

// HasProblem reports whether a finding needs an action.
func (r Report) HasProblem() bool {
	for _, f := range r.Findings {
		if f.Status == Problem {
			return true
		}
	}
	return false
}

func (r *Report) add(check string, status Status, fact, remedy string) {
	r.Findings = append(r.Findings, Finding{Check: check, Status: status, Fact: fact, Remedy: remedy})
}

// Engine describes itself. executor/docker implements the interface.
type Engine interface {
	Address() string
	Describe(ctx context.Context) (engine.Description, error)
}

// Sources are the places where the checks read.
type Sources struct {
	// ClientConfig reads the configuration of the docker command.
	ClientConfig func() (engine.ClientConfig, error)
	// Engine connects to the engine.
	Engine func() (Engine, error)
	// LookPath finds a program; nil: exec.LookPath.
	LookPath func(string) (string, error)
	// Dir is the directory of the project.
	Dir string
	// Project checks the files of the project, with the engine where there is an engine; nil: there are no files.
	Project func(ctx context.Context, hasEngine bool) ProjectState
	// remedy is the remedy for an engine without an answer; empty: that for the engine of the docker command.
	remedy string
}

// ProjectState is the state of a project's files and containers.
type ProjectState struct {
	// Errors are messages about the files, and about parts that the engine cannot run.
	Errors []string
	// HasEngine reports whether the plan of the services was checked against the engine.
	HasEngine bool
	// Services is the number of services. BindMounts are services with bind mounts, sorted.
	Services   int
	BindMounts []string
	// Leftovers are names of resources of killed runs.
	Leftovers []string
}

// engineTimeout limits the time for an answer of the engine.
const engineTimeout = 20 * time.Second

// Run performs all checks. A check without the necessary answers gives no finding.
func Run(ctx context.Context, s Sources) Report {
	var r Report
	if s.LookPath == nil {
		s.LookPath = exec.LookPath
	}
	s.checkClientConfig(&r)
	d, isReachable := s.checkEngine(ctx, &r)
	if isReachable {
		checkClock(&r, d)
		checkSubnets(&r, d)
		checkDisk(&r, d.RootDir, s.isLocal())
		checkEngineWarnings(&r, d)
	}
	if s.Project == nil {
		r.add("project", OK, "no Tasks.hcl and no compose file here: the project was not checked", "")
		return r
	}
	checkWatches(&r, s.Dir)
	s.checkProject(ctx, &r, isReachable)
	return r
}
