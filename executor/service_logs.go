package executor

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tasks/executor/engine"
	"tasks/planner"
)

const (
	// serviceLogLines is the number of reported log lines of a service with a problem. A service that the run removes
	// has fewer lines.
	serviceLogLines        = 10
	removedServiceLogLines = 3
	// serviceLogTimeout bounds the optional reading of logs.
	serviceLogTimeout = 3 * time.Second
)

// ServiceLog describes a service that a failed task needed.
type ServiceLog struct {
	Replica string
	// Service is the service of the replica; empty: the engine does not know the container.
	Service string
	// Problem says what happened to the service: "exited with code 3"; empty: the service runs well.
	Problem string
	// Text is the end of the log of a service with a problem, or of a service that the run or the end of the session
	// removes. Otherwise the log stays readable after the run, and Text is empty.
	Text string
	// IsTransient reports whether the end of the session removes the service, unless others use it.
	IsTransient bool
}

// serviceLogs looks at the services that failed commands needed, before any removal. A failed service has its log in
// its error.
func (r *run) serviceLogs(ctx context.Context) []ServiceLog {
	if r.cfg.Engine == nil || r.signal != 0 || ctx.Err() != nil {
		return nil
	}
	ctx, cancelTimeout := context.WithTimeout(ctx, serviceLogTimeout)
	defer cancelTimeout()
	ctx, cancel := r.forced.bound(ctx)
	defer cancel()
	services := r.servicesOfFailed()
	logs := make([]ServiceLog, len(services))
	var reading sync.WaitGroup
	for i, s := range services {
		_, name := s.Subject()
		id := r.facts[s.Scope].Containers[replicaOf(s)]
		if id == "" {
			continue
		}
		logs[i].Replica = name
		reading.Go(func() {
			lines := 0
			if state, err := r.cfg.Engine.InspectContainer(ctx, id); err == nil {
				logs[i].Service, logs[i].Problem = state.Service(), serviceProblem(state, r.startedAt)
				logs[i].IsTransient = state.IsTransient()
			}
			switch {
			case logs[i].Problem != "":
				lines = serviceLogLines
			case logs[i].IsTransient || r.plan.Scopes[s.Scope].PrivateTask != "":
				lines = removedServiceLogLines
			default:
				return
			}
			if text, err := r.cfg.Engine.Logs(ctx, id, lines); err == nil {
				logs[i].Text = text
			}
		})
	}
	reading.Wait()
	return logs
}

// serviceProblem says what has happened to a service since the start of the run; empty: nothing.
func serviceProblem(s engine.ContainerState, runStart time.Time) string {
	switch {
	case s.State.HasEnded() && s.ExitCode != 0:
		text := fmt.Sprintf("exited with code %d", s.ExitCode)
		if reason := s.ExitReason(); reason != "" {
			text += ": " + reason
		}
		return text
	case s.Health == "unhealthy":
		return "is unhealthy"
	case s.Restarts > 0 && s.StartedAt.After(runStart):
		if s.Restarts == 1 {
			return "restarted once"
		}
		return fmt.Sprintf("restarted %d times", s.Restarts)
	}
	return ""
}

// servicesOfFailed returns a step for each service that failed commands needed, in the plan's order.
func (r *progress) servicesOfFailed() []*planner.Step {
	needed := map[planner.StepID]bool{}
	for _, f := range r.failures() {
		if task := planner.TaskOf(f.Step); f.Code == 0 || task == nil || task.IsOnce {
			continue // as with docker-compose run, only the command reports
		}
		for _, n := range f.Step.Needs {
			needed[n.Step] = true
		}
	}
	var services []*planner.Step
	seen := map[string]bool{}
	for _, s := range r.plan.Steps {
		_, name := s.Subject()
		if needed[s.ID] && replicaOf(s) != "" && !seen[name] {
			seen[name] = true
			services = append(services, s)
		}
	}
	return services
}

// replicaOf returns the replica a step starts or waits for; empty: none.
func replicaOf(s *planner.Step) string {
	switch a := s.Action.(type) {
	case *planner.StartService:
		return a.Replica
	case *planner.WaitService:
		return a.Replica
	}
	return ""
}
