package executor

import (
	"context"
	"errors"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/command"
	"tasks/executor/engine"
	"tasks/hclspec"
	"tasks/planner"
	"tasks/planner/observed"
)

// TeardownOptions are the options of a teardown. A single goroutine at a time calls the functions.
type TeardownOptions struct {
	// PreStop returns the hooks before the stop of a container; nil: none.
	PreStop func(*observed.Container) []types.ServiceHook
	// OnRemoved gets each removed resource, OnWarning failed hooks.
	OnRemoved func(kind, name string)
	OnWarning func(text string)
	// OnPlan gets the plan before the first step, OnNotice each notice; nil: nothing does.
	OnPlan   func(*planner.Plan)
	OnNotice func(Notice)
}

// Teardown performs the plan of a teardown. Teardown goes on after errors and returns all errors.
func Teardown(ctx context.Context, e engine.Engine, t planner.Teardown, options TeardownOptions) error {
	session := NewSession(Config{Engine: e, Observer: teardownObserver{options}, KeepGoing: true})
	plan := t.Plan(options.PreStop)
	if options.OnPlan != nil {
		options.OnPlan(plan)
	}
	result := session.Run(ctx, plan, nil)
	errs := []error{context.Cause(ctx)}
	for _, f := range result.Failures {
		errs = append(errs, f.Err)
	}
	return errors.Join(errs...)
}

// teardownObserver passes the notices of a teardown on.
type teardownObserver struct{ options TeardownOptions }

// Notice implements [Observer].
func (o teardownObserver) Notice(n Notice) {
	if o.options.OnNotice != nil {
		o.options.OnNotice(n)
	}
	switch n.Kind {
	case Warned:
		o.options.OnWarning(n.Text)
	case Done:
		if n.Verb != planner.Remove {
			return
		}
		switch a := n.Step.Action.(type) {
		case *planner.RemoveContainer:
			o.options.OnRemoved("container", a.Container.Name)
		case *planner.RemoveNetwork:
			o.options.OnRemoved("network", a.Network.Name)
		case *planner.RemoveVolume:
			if !a.IsAnonymous {
				o.options.OnRemoved("volume", a.Volume.Name)
			}
		}
	}
}

// StreamsOf implements [Observer]: a teardown runs no command.
func (o teardownObserver) StreamsOf(*hclspec.Task) command.Streams { return command.Streams{} }

// TerminalOf implements [Observer].
func (o teardownObserver) TerminalOf(*hclspec.Task) command.Terminal { return nil }
