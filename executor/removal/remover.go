package removal

import (
	"context"
	"fmt"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/executor/hook"
	"tasks/executor/step"
	"tasks/planner"
	"tasks/planner/observed"
)

// Remover stops and removes the resources of runs.
type Remover struct {
	Engine engine.Engine
	// Warn gets warnings about failed pre_stop hooks. Requests without hooks need no Warn.
	Warn func(text string)
	// GracefulCtx bounds the graceful stops: after its end a stop is a kill. Nil: no bound.
	GracefulCtx context.Context
	// Volumes records the anonymous volumes of removed entries; nil: no record.
	Volumes VolumeJournal
}

// Request is a container of a snapshot to stop and remove.
type Request struct {
	Container *observed.Container
	// Claim decides whether the container may be removed, right before each act.
	Claim planner.Claim
	// PreStop are the hooks before the stop of a running container.
	PreStop []types.ServiceHook
	// IsStopOnly keeps the stopped container. IsKill skips the grace period.
	IsStopOnly, IsKill bool
	Volumes            engine.VolumePolicy
}

// StopAndRemove stops a container and removes it: hooks, grace period, removal. The error is a [ManualError].
func (r Remover) StopAndRemove(ctx context.Context, q Request) error {
	own := Claimed{Engine: r.Engine, Claim: q.Claim}
	err := r.stop(ctx, own, q)
	switch {
	case q.IsStopOnly:
		return manualError(stopFailed, "docker stop "+q.Container.Name, err)
	case err == nil:
		err = own.remove(ctx, q.Container, q.Volumes)
	}
	return manualError(removeFailed, removeCommand+q.Container.Name, err)
}

func (r Remover) stop(ctx context.Context, own Claimed, q Request) error {
	switch {
	case q.IsKill && q.IsStopOnly:
		return own.Stop(ctx, q.Container, new(time.Duration))
	case q.IsKill: // the removal kills
		return nil
	case r.GracefulCtx == nil:
		r.RunPreStop(ctx, q.Container, q.PreStop)
		return own.Stop(ctx, q.Container, nil)
	}
	stopCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.GracefulCtx, cancel)()
	r.RunPreStop(stopCtx, q.Container, q.PreStop)
	err := own.Stop(stopCtx, q.Container, nil)
	if stopCtx.Err() != nil {
		err = own.Stop(ctx, q.Container, new(time.Duration))
	}
	return err
}

// RunPreStop runs the pre_stop hooks of a running container. A failure is a warning: the stop does not depend on hooks.
func (r Remover) RunPreStop(ctx context.Context, c *observed.Container, hooks []types.ServiceHook) {
	if !c.State.IsRunning() {
		return
	}
	if failed := hook.Run(ctx, r.Engine, c.ID, c.Service(), "pre_stop", hooks); failed.IsReportable(ctx) {
		r.Warn(fmt.Sprintf("%s\n"+hook.StopContinues, failed))
	}
}

// RemoveOwn removes a container of the run's own making by its id.
func (r Remover) RemoveOwn(ctx context.Context, id string, volumes engine.VolumePolicy) error {
	return r.Engine.RemoveContainer(ctx, id, volumes)
}

// RemoveOneOff removes a container of the run's own making, with its anonymous volumes.
func (r Remover) RemoveOneOff(ctx context.Context, project, id string) error {
	if r.Volumes == nil {
		return r.RemoveOwn(ctx, id, engine.RemoveVolumes)
	}
	return r.removeRecorded(ctx, project, id)
}

// RemoveEntry removes a resource of the ledger. The error is a [ManualError].
func (r Remover) RemoveEntry(ctx context.Context, e step.Entry) error {
	claim := planner.Claim{Project: e.Project}
	switch e.Kind {
	case step.NetworkEntry:
		return r.RemoveNetwork(ctx, claim, e.ID, e.Name)
	case step.VolumeEntry:
		return r.RemoveVolume(ctx, claim, e.ID, false)
	default:
		return manualError(removeFailed, Command(e), r.RemoveOneOff(ctx, e.Project, e.ID))
	}
}

// RemoveNetwork removes a network of a claim. The error is a [ManualError], with an [InUseError] for a network in use.
func (r Remover) RemoveNetwork(ctx context.Context, claim planner.Claim, id, name string) error {
	err := Claimed{Engine: r.Engine, Claim: claim}.removeNetwork(ctx, id)
	list := func() ([]*observed.Container, error) { return r.networkUsers(ctx, id) }
	return NetworkError(id, name, inUseError("network", err, list))
}

// RemoveVolume removes a volume of a claim, or an anonymous volume of a container of the claim. The error is a
// [ManualError], with an [InUseError] for a volume in use.
func (r Remover) RemoveVolume(ctx context.Context, claim planner.Claim, name string, isAnonymous bool) error {
	err := Claimed{Engine: r.Engine, Claim: claim}.removeVolume(ctx, name, isAnonymous)
	list := func() ([]*observed.Container, error) { return r.Engine.VolumeUsers(ctx, name) }
	return manualError(removeFailed, "docker volume rm "+name, inUseError("volume", err, list))
}

// Restart starts a stopped container again. A missing container is no error: others have replaced the container. Any
// other error is a [ManualError].
func (r Remover) Restart(ctx context.Context, id, name string) error {
	err := r.Engine.StartContainer(ctx, id)
	if engine.IsNotFound(err) {
		return nil
	}
	return manualError("could not be started again", "docker start "+name, err)
}
