package executor

import (
	"cmp"
	"context"
	"fmt"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/planner"
	"tasks/planner/observed"
)

// ensureImage makes sure that an image is here. Errors say who needs it.
func (w *worker) ensureImage(ctx context.Context, a *planner.Image) step.Outcome {
	image, verb, err := w.obtainImage(ctx, a)
	if err != nil {
		return step.Outcome{Err: fmt.Errorf("%s: %w", a.RequestedBy(), err)}
	}
	return step.Outcome{Verb: verb, ApplyFacts: func(f *planner.Facts) { f.Images[a.Ref], f.LocalImages[a.Ref] = image.ID, image }}
}

// obtainImage does what the plan says, and tells what was really done.
func (w *worker) obtainImage(ctx context.Context, a *planner.Image) (observed.Image, planner.Verb, error) {
	switch {
	case w.step.Verb == planner.PullImage:
		return w.pullImage(ctx, a)
	case w.step.Verb == planner.BuildImage:
		image, err := w.buildImage(ctx, a)
		return image, planner.BuildImage, err
	case a.Existing.ID == "":
		return observed.Image{}, "", fmt.Errorf("image %s is not here, and %s: pull it with `docker pull %s`, or change the policy", a.Ref, a.NoPullReason, a.Ref)
	}
	return a.Existing, planner.Reuse, nil
}

// recordImageVolumes finds out which mount points the image of a container declares, so that a container that takes its place
// keeps what is in them. The image may have lost its name since. One that is gone tells nothing.
func (w *worker) recordImageVolumes(ctx context.Context, existing *observed.Container) error {
	if existing == nil {
		return nil
	}
	image, err := w.Engine.InspectImage(ctx, existing.ImageID, "")
	if err != nil && !engine.IsNotFound(err) {
		return err
	}
	w.facts.ImageVolumes[existing.ImageID] = image.Volumes
	return nil
}

// pullImage gets an image from its registry. Where it can be built that is only an attempt, as for Compose: what is here is used,
// else it is built.
func (w *worker) pullImage(ctx context.Context, a *planner.Image) (observed.Image, planner.Verb, error) {
	image, err := w.Engine.PullImage(ctx, a.Ref, a.Platform, w.ProgressFunc(planner.PullImage))
	if err == nil || a.Build == nil || ctx.Err() != nil {
		return image, planner.PullImage, err
	}
	if a.Existing.ID != "" {
		w.Warn("the one that is here is used: %v", err)
		return a.Existing, planner.Reuse, nil
	}
	w.Warn("it is built: %v", err)
	image, err = w.buildImage(ctx, a)
	return image, planner.BuildImage, err
}

// buildImage builds an image that is missing only once, even when several runs want it at the same time.
func (w *worker) buildImage(ctx context.Context, a *planner.Image) (observed.Image, error) {
	unlock, err := w.lockImage(ctx, a.Ref)
	if err != nil {
		return observed.Image{}, err
	}
	defer unlock()
	if a.Existing.ID == "" {
		if image, err := w.Engine.InspectImage(ctx, a.Ref, a.Platform); err == nil {
			return image, nil
		}
	}
	return w.Engine.BuildImage(ctx, a, w.ProgressFunc(planner.BuildImage))
}

// lockImage is lock for an image, which a private project has from its original.
func (w *worker) lockImage(ctx context.Context, ref string) (func(), error) {
	return w.cfg.Locks.Lock(ctx, cmp.Or(w.plan.Scopes[w.step.Scope].Original, w.Project)+"/image/"+ref)
}
