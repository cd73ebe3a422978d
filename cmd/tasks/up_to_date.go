package main

import (
	"context"

	"tasks/executor"
	"tasks/internal/coord"
	"tasks/internal/fingerprint"
	"tasks/planner"
)

// upToDateCheck is what the flags want of tasks that have inputs. Files are looked at in the project of root.
func (p RunSettings) upToDateCheck(root string) planner.UpToDateOptions {
	store := Fingerprints{fingerprint.New(readOnlyFiles{coord.OpenProjectDir(root)})}
	return planner.UpToDateOptions{Force: p.force, IfChanged: p.ifChanged, ReasonToRun: func(q planner.UpToDateQuery) (string, error) {
		answer, err := store.check(context.Background(), q)
		if err != nil {
			return "", err
		}
		return answer.Reason, nil
	}}
}

// readOnlyFiles only reads what is kept: a plan changes nothing, and makes no directory either.
type readOnlyFiles struct{ dir *coord.Dir }

func (l readOnlyFiles) ReadFile(name string) ([]byte, error) { return l.dir.ReadIfExists(name) }

// WriteFile implements [fingerprint.Files]. A look keeps nothing.
func (l readOnlyFiles) WriteFile(name string, _ []byte) error {
	panic("tasks: a look wants to keep " + name)
}

// Fingerprints are those of a project, as a session wants them.
type Fingerprints struct{ store *fingerprint.Store }

func (r Fingerprints) check(ctx context.Context, q planner.UpToDateQuery) (*fingerprint.Comparison, error) {
	return r.store.Check(ctx, fingerprint.Request{Key: q.RecordName, Dir: q.Dir, Inputs: q.Inputs, Outputs: q.Outputs, Parts: q.Parts})
}

// Check implements [executor.Fingerprints].
func (r Fingerprints) Check(ctx context.Context, q planner.UpToDateQuery) (executor.Freshness, error) {
	answer, err := r.check(ctx, q)
	if err != nil {
		return nil, err
	}
	return freshness{answer}, nil
}

// Invalidate implements [executor.Fingerprints].
func (r Fingerprints) Invalidate(q planner.UpToDateQuery) error {
	return r.store.Invalidate(q.RecordName)
}

type freshness struct{ *fingerprint.Comparison }

func (s freshness) Reason() string { return s.Comparison.Reason }
