package main

import (
	"context"

	"tasks/executor"
	"tasks/internal/fingerprint"
	"tasks/internal/state"
	"tasks/planner"
)

// upToDate is what the flags want of tasks that have inputs. Files are looked at in the project of root.
func (p policy) upToDate(root string) planner.UpToDate {
	store := records{fingerprint.New(looking{state.Open(root)})}
	return planner.UpToDate{Force: p.force, IfChanged: p.ifChanged, Changed: func(q planner.Question) (string, error) {
		answer, err := store.look(context.Background(), q)
		if err != nil {
			return "", err
		}
		return answer.Reason, nil
	}}
}

// looking only reads what is kept: a plan changes nothing, and makes no directory either.
type looking struct{ dir *state.Dir }

func (l looking) ReadFile(name string) ([]byte, error) { return l.dir.Peek(name) }

// WriteFile implements [fingerprint.Files]. A look keeps nothing.
func (l looking) WriteFile(name string, _ []byte) error {
	panic("tasks: a look wants to keep " + name)
}

// records are those of a project, as a session wants them.
type records struct{ store *fingerprint.Store }

func (r records) look(ctx context.Context, q planner.Question) (*fingerprint.Answer, error) {
	return r.store.Look(ctx, fingerprint.Question{Record: q.Record, Dir: q.Dir, Inputs: q.Inputs, Outputs: q.Outputs, Parts: q.Parts})
}

// Look implements [executor.Records].
func (r records) Look(ctx context.Context, q planner.Question) (executor.Sight, error) {
	answer, err := r.look(ctx, q)
	if err != nil {
		return nil, err
	}
	return sight{answer}, nil
}

// Void implements [executor.Records].
func (r records) Void(q planner.Question) error { return r.store.Void(q.Record) }

type sight struct{ *fingerprint.Answer }

func (s sight) Reason() string { return s.Answer.Reason }
