package view

import (
	"time"

	"tasks/executor"
	"tasks/internal/durations"
	"tasks/planner"
)

// serviceFolds keep the results of the first steps of a service, up to the last step. So each service has one line.
type serviceFolds struct {
	// waits are the services with a wait in the plan.
	waits     map[thing]bool
	byService map[thing]*serviceFold
	// order has the services in the order of their first result.
	order []thing
}

// serviceFold is the last result of a service so far.
type serviceFold struct {
	notice    executor.Notice
	text      string
	startedAt time.Time
}

func newServiceFolds(plan *planner.Plan) serviceFolds {
	f := serviceFolds{waits: map[thing]bool{}, byService: map[thing]*serviceFold{}}
	for _, s := range plan.Steps {
		if _, isWait := s.Action.(*planner.WaitService); isWait {
			f.waits[thingOf(s)] = true
		}
	}
	return f
}

// fold returns the text for a step that has ended now; empty: a later step of the same service has the text.
func (f *serviceFolds) fold(n executor.Notice, text string, now time.Time) string {
	switch n.Step.Action.(type) {
	case *planner.Container:
		f.keep(n, text, now)
		return ""
	case *planner.StartService:
		if f.waits[thingOf(n.Step)] {
			f.keep(n, text, now)
			return ""
		}
		f.take(n.Step)
	case *planner.WaitService:
		kept := f.take(n.Step)
		switch {
		case kept == nil:
		case text == "":
			return kept.text
		case kept.notice.Verb == planner.Reuse:
			return "reused, " + text
		default:
			return waitedText(n.Step.Action.(*planner.WaitService)) + " (" + durations.Text(now.Sub(kept.startedAt)) + ")"
		}
	}
	return text
}

// keep keeps the result of a step.
func (f *serviceFolds) keep(n executor.Notice, text string, now time.Time) {
	t := thingOf(n.Step)
	if text == "" {
		return
	}
	if f.byService[t] == nil {
		f.byService[t] = &serviceFold{startedAt: now.Add(-n.Elapsed)}
		f.order = append(f.order, t)
	}
	f.byService[t].notice, f.byService[t].text = n, text
}

// take returns and forgets the kept result of a service; nil: none.
func (f *serviceFolds) take(s *planner.Step) *serviceFold {
	t := thingOf(s)
	kept := f.byService[t]
	delete(f.byService, t)
	return kept
}

// takeAll returns and forgets all kept results.
func (f *serviceFolds) takeAll() (all []*serviceFold) {
	for _, t := range f.order {
		if kept := f.byService[t]; kept != nil {
			all = append(all, kept)
		}
	}
	f.byService, f.order = map[thing]*serviceFold{}, nil
	return all
}
