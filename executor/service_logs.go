package executor

import (
	"context"
	"sync"
	"time"

	"tasks/planner"
)

const (
	// serviceLogLines is how much of each service's log is told where a task that needs it has failed.
	serviceLogLines = 10
	// serviceLogTimeout bounds the reading: it is a help, and keeps nobody waiting.
	serviceLogTimeout = 3 * time.Second
)

// ServiceLog is the end of what a service printed that a failed task needs.
type ServiceLog struct{ Replica, Text string }

// serviceLogs gives those of the services that the tasks need whose command has failed by itself, before anything is
// removed. A service that fails has its log in its error.
func (r *run) serviceLogs(ctx context.Context) []ServiceLog {
	if r.cfg.Engine == nil || r.signal != 0 || ctx.Err() != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, serviceLogTimeout)
	defer cancel()
	services := r.servicesOfFailed()
	logs := make([]ServiceLog, len(services))
	var reading sync.WaitGroup
	for i, s := range services {
		_, name := s.Subject()
		replica := replicaOf(s)
		id := r.facts[s.Scope].Containers[replica]
		if id == "" {
			continue
		}
		reading.Go(func() {
			if text, err := r.cfg.Engine.Logs(ctx, id, serviceLogLines); err == nil {
				logs[i] = ServiceLog{Replica: name, Text: text}
			}
		})
	}
	reading.Wait()
	return logs
}

// servicesOfFailed are steps of the services that failed commands needed, one for each, in the plan's order.
func (r *progress) servicesOfFailed() []*planner.Step {
	needed := map[planner.StepID]bool{}
	for _, f := range r.failures() {
		if task := planner.TaskOf(f.Step); f.Code == 0 || task == nil || task.IsOnce {
			continue // docker-compose run tells no more than the command does
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

// replicaOf is the service that a step starts or waits for; empty: it does neither.
func replicaOf(s *planner.Step) string {
	switch a := s.Action.(type) {
	case *planner.StartService:
		return a.Replica
	case *planner.WaitService:
		return a.Replica
	}
	return ""
}
