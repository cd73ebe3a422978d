package executor

import (
	"context"
	"sync"
	"time"

	"tasks/planner"
)

const (
	// serviceLogLines is the number of reported log lines of each service after the failure of a dependent task.
	serviceLogLines = 10
	// serviceLogTimeout bounds the optional reading of logs.
	serviceLogTimeout = 3 * time.Second
)

// ServiceLog is the end of a service's log, for a failed dependent task.
type ServiceLog struct{ Replica, Text string }

// serviceLogs reads the logs of the services that failed commands needed, before
// any removal. A failed service has its log in its error.
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
