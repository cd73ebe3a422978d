package executor

import (
	"context"
	"fmt"

	"tasks/executor/engine"
	"tasks/planner"
)

// ensureImage makes sure that an image is here. Errors say who needs it.
func (w *worker) ensureImage(ctx context.Context, a *planner.Image) outcome {
	image, verb, err := w.obtainImage(ctx, a)
	if err != nil {
		return outcome{err: fmt.Errorf("%s: %w", a.RequestedBy(), err)}
	}
	return outcome{verb: verb, applyFacts: func(f *planner.Facts) { f.Images[a.Ref], f.LocalImages[a.Ref] = image.ID, image }}
}

// obtainImage does what the plan says, and tells what was really done.
func (w *worker) obtainImage(ctx context.Context, a *planner.Image) (planner.ObservedImage, planner.Verb, error) {
	switch {
	case w.step.Verb == planner.PullImage:
		return w.pullImage(ctx, a)
	case w.step.Verb == planner.BuildImage:
		image, err := w.buildImage(ctx, a)
		return image, planner.BuildImage, err
	case a.Existing.ID == "":
		return planner.ObservedImage{}, "", fmt.Errorf("image %s is not here, and %s: pull it with `docker pull %s`, or change the policy", a.Ref, a.NoPullReason, a.Ref)
	}
	return a.Existing, planner.Reuse, nil
}

// recordImageVolumes finds out which mount points the image of a container declares, so that a container that takes its place
// keeps what is in them. The image may have lost its name since. One that is gone tells nothing.
func (w *worker) recordImageVolumes(ctx context.Context, existing *planner.ObservedContainer) error {
	if existing == nil {
		return nil
	}
	image, err := w.cfg.Engine.InspectImage(ctx, existing.ImageID, "")
	if err != nil && !engine.IsNotFound(err) {
		return err
	}
	w.facts.ImageVolumes[existing.ImageID] = image.Volumes
	return nil
}

// pullImage gets an image from its registry. Where it can be built that is only an attempt, as for Compose: what is here is used,
// else it is built.
func (w *worker) pullImage(ctx context.Context, a *planner.Image) (planner.ObservedImage, planner.Verb, error) {
	image, err := w.cfg.Engine.PullImage(ctx, a.Ref, a.Platform, w.progressFunc(planner.PullImage))
	if err == nil || a.Build == nil || ctx.Err() != nil {
		return image, planner.PullImage, err
	}
	if a.Existing.ID != "" {
		w.warn("the one that is here is used: %v", err)
		return a.Existing, planner.Reuse, nil
	}
	w.warn("it is built: %v", err)
	image, err = w.buildImage(ctx, a)
	return image, planner.BuildImage, err
}

// buildImage builds an image that is missing only once, even when several runs want it at the same time.
func (w *worker) buildImage(ctx context.Context, a *planner.Image) (planner.ObservedImage, error) {
	unlock, err := w.lockImage(ctx, a.Ref)
	if err != nil {
		return planner.ObservedImage{}, err
	}
	defer unlock()
	if a.Existing.ID == "" {
		if image, err := w.cfg.Engine.InspectImage(ctx, a.Ref, a.Platform); err == nil {
			return image, nil
		}
	}
	return w.cfg.Engine.BuildImage(ctx, a, w.progressFunc(planner.BuildImage))
}

// progressFunc tells of lines that belong to a part of a step: a pull, or the build after a pull that failed.
func (w *worker) progressFunc(part planner.Verb) func(string) {
	return func(line string) {
		w.outcomes <- outcome{id: w.step.ID, notice: &Notice{Kind: Progressed, Verb: part, Text: line}}
	}
}

// progress tells of a step as a whole.
func (w *worker) reportProgress(line string) { w.progressFunc(w.step.Verb)(line) }
