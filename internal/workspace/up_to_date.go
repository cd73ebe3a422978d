package workspace

import (
	"context"

	"tasks/executor"
	"tasks/internal/coord"
	"tasks/internal/fingerprint"
	"tasks/planner"
)

// upToDateOptions returns the planner's options for tasks with inputs. The fingerprints of the project are only read.
func (o PlanOptions) upToDateOptions(root string) planner.UpToDateOptions {
	store := fingerprints{fingerprint.New(readOnlyFiles{coord.OpenProjectDir(root)})}
	reasonToRun := func(q planner.UpToDateQuery) (string, error) {
		comparison, err := store.compare(context.Background(), q)
		if err != nil {
			return "", err
		}
		return comparison.Reason, nil
	}
	return planner.UpToDateOptions{Force: o.Force, IfChanged: o.IfChanged, ReasonToRun: reasonToRun}
}

// readOnlyFiles reads files of a state directory. A plan writes nothing, and creates no directory.
type readOnlyFiles struct{ dir *coord.Dir }

// ReadFile implements [fingerprint.Files].
func (f readOnlyFiles) ReadFile(name string) ([]byte, error) { return f.dir.ReadIfExists(name) }

// WritePrivate implements [fingerprint.Files]. A call is a bug.
func (f readOnlyFiles) WritePrivate(name string, _ []byte) error {
	panic("tasks: a plan writes " + name)
}

// fingerprints answer the questions of a session from the stored fingerprints of a project.
type fingerprints struct{ store *fingerprint.Store }

func (f fingerprints) compare(ctx context.Context, q planner.UpToDateQuery) (*fingerprint.Comparison, error) {
	request := fingerprint.Request{Key: q.RecordName, Dir: q.Dir, Inputs: q.Inputs, Outputs: q.Outputs, Parts: q.Parts}
	return f.store.Check(ctx, request)
}

// Check implements [executor.Fingerprints].
func (f fingerprints) Check(ctx context.Context, q planner.UpToDateQuery) (executor.Freshness, error) {
	comparison, err := f.compare(ctx, q)
	if err != nil {
		return nil, err
	}
	return freshness{comparison}, nil
}

// Invalidate implements [executor.Fingerprints].
func (f fingerprints) Invalidate(q planner.UpToDateQuery) error {
	return f.store.Invalidate(q.RecordName)
}

// freshness implements [executor.Freshness].
type freshness struct{ *fingerprint.Comparison }

// Reason returns the reason to run; empty, where the task is up to date.
func (f freshness) Reason() string { return f.Comparison.Reason }
