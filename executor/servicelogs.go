package executor

import (
	"context"
	"sync"
	"time"

	"tasks/planner"
)

const (
	// serviceLines is how much of each service's log is told where a task that needs it has failed.
	serviceLines = 10
	// serviceLogTime bounds the reading: it is a help, and keeps nobody waiting.
	serviceLogTime = 3 * time.Second
)

// ServiceLog is the end of what a service printed that a failed task needs.
type ServiceLog struct{ Service, Text string }

// serviceLogs gives those of the services that the tasks need whose command has failed by itself, before anything is
// removed. A service that fails has its log in its error.
func (r *run) serviceLogs(ctx context.Context) []ServiceLog {
	if r.cfg.Engine == nil || r.signal != 0 || ctx.Err() != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, serviceLogTime)
	defer cancel()
	services := r.servicesOfFailed()
	logs := make([]ServiceLog, len(services))
	var reading sync.WaitGroup
	for i, step := range services {
		_, name := step.What()
		service := serviceOf(step)
		id := r.facts[step.Scope].Containers[service]
		if id == "" {
			continue
		}
		reading.Go(func() {
			if text, err := r.cfg.Engine.Logs(ctx, id, serviceLines); err == nil {
				logs[i] = ServiceLog{Service: name, Text: text}
			}
		})
	}
	reading.Wait()
	return logs
}

// servicesOfFailed are steps of the services that failed commands needed, one for each, in the plan's order.
func (r *run) servicesOfFailed() []*planner.Step {
	needed := map[planner.StepID]bool{}
	for _, f := range r.failures() {
		if task := planner.TaskOf(f.Step); f.Code == 0 || task == nil || task.Once {
			continue // docker-compose run tells no more than the command does
		}
		for _, n := range f.Step.Needs {
			needed[n.Step] = true
		}
	}
	var services []*planner.Step
	seen := map[string]bool{}
	for _, s := range r.plan.Steps {
		_, name := s.What()
		if needed[s.ID] && serviceOf(s) != "" && !seen[name] {
			seen[name] = true
			services = append(services, s)
		}
	}
	return services
}

// serviceOf is the service that a step starts or waits for; empty: it does neither.
func serviceOf(s *planner.Step) string {
	switch a := s.Action.(type) {
	case *planner.StartService:
		return a.Service
	case *planner.WaitService:
		return a.Service
	}
	return ""
}
