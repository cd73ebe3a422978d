package removal

import (
	"context"
	"fmt"
	"strings"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
	"tasks/planner/observed"
)

// InUseError reports a network or volume that containers still use. The error is a conflict.
type InUseError struct {
	// Kind is "network" or "volume".
	Kind string
	// Users are the names of the containers; empty: the engine names none.
	Users []string
	Err   error
}

func (e *InUseError) Error() string {
	switch len(e.Users) {
	case 0:
		return e.Err.Error()
	case 1:
		return fmt.Sprintf("container %s uses the %s: remove the container first", e.Users[0], e.Kind)
	}
	return fmt.Sprintf("containers %s use the %s: remove the containers first", strings.Join(e.Users, ", "), e.Kind)
}

// Unwrap returns the error of the engine.
func (e *InUseError) Unwrap() error { return e.Err }

// inUseError adds the users to a conflict; any other error stays. A failed list adds none.
func inUseError(kind string, err error, list func() ([]*observed.Container, error)) error {
	if err == nil || !engine.IsConflict(err) {
		return err
	}
	inUse := &InUseError{Kind: kind, Err: err}
	users, _ := list()
	for _, c := range users {
		inUse.Users = append(inUse.Users, c.Name)
	}
	return inUse
}

// CheckUnused returns an [InUseError] for a network with containers. The engine alone would remove a network of stopped
// containers. A missing network is no error.
func (r Remover) CheckUnused(ctx context.Context, id string) error {
	users, err := r.networkUsers(ctx, id)
	switch {
	case err != nil && !engine.IsNotFound(err):
		return err
	case len(users) > 0:
		list := func() ([]*observed.Container, error) { return users, nil }
		return inUseError("network", errdefs.ErrConflict, list)
	}
	return nil
}

// networkUsers lists the containers of a network.
func (r Remover) networkUsers(ctx context.Context, id string) ([]*observed.Container, error) {
	state, err := r.Engine.InspectNetwork(ctx, id)
	return state.Members, err
}
