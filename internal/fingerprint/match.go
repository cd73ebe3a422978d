package fingerprint

import (
	"context"
	"errors"
)

// errFound ends a walk at the first match.
var errFound = errors.New("a file matches")

// HasMatch reports whether a file matches a glob and no glob of the outputs. The walk ends at the first match.
func HasMatch(ctx context.Context, dir, glob string, outputs []string) (bool, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	roots, err := rootsOf(dir, []string{glob})
	if err != nil {
		return false, err
	}
	excluded, err := rootsOf(dir, outputs)
	if err != nil {
		return false, err
	}
	w := newWalker(ctx)
	w.onFile = func(f file) {
		if !excludedByAny(excluded, f.path()) {
			cancel(errFound)
		}
	}
	for _, r := range roots {
		w.walkRoot(r)
	}
	if errors.Is(context.Cause(ctx), errFound) {
		return true, nil
	}
	return false, errors.Join(w.err, ctx.Err())
}
