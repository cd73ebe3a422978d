package executor

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/planner"
	"tasks/planner/observed"
)

// imageStep pulls or builds an image.
type imageStep struct{ resourceStep }

// ensureImage makes sure that an image is available locally. Errors name the requesting services or tasks.
func (s imageStep) ensureImage(ctx context.Context, a *planner.Image) step.Outcome {
	image, verb, err := s.obtainImage(ctx, a)
	if err != nil {
		return step.Outcome{Err: engine.Explain(err, "%s", a.RequestedBy())}
	}
	return step.Outcome{
		Verb: verb, ApplyFacts: func(f *planner.Facts) { f.Images[a.Ref], f.LocalImages[a.Ref] = image.ID, image },
	}
}

// obtainImage performs the planned action on an image, and returns the performed action.
func (s imageStep) obtainImage(ctx context.Context, a *planner.Image) (observed.Image, planner.Verb, error) {
	if a.ForeignError != nil {
		return observed.Image{}, "", fmt.Errorf("%w: give this service an `image` of its own", a.ForeignError)
	}
	if len(a.MadeBy) > 0 && !s.hasChangedBase(a) {
		if image, err := s.Engine.InspectImage(ctx, a.Ref, a.Platform); err == nil {
			return image, planner.Reuse, nil
		}
	}
	image, verb, err := s.obtainPlanned(ctx, a)
	if err != nil && len(a.MadeBy) > 0 && a.Existing.ID == "" {
		err = fmt.Errorf("%w; %s has not made it", err, strings.Join(a.MadeBy, " or "))
	}
	return image, verb, err
}

func (s imageStep) obtainPlanned(ctx context.Context, a *planner.Image) (observed.Image, planner.Verb, error) {
	switch {
	case s.Verb == planner.PullImage:
		return s.pullImage(ctx, a)
	case s.Verb == planner.Reuse && s.hasChangedBase(a):
		image, err := s.buildImage(ctx, a)
		return image, planner.BuildImage, err
	case s.Verb == planner.BuildImage:
		image, err := s.buildImage(ctx, a)
		return image, planner.BuildImage, err
	case a.Existing.ID == "":
		return observed.Image{}, "", fmt.Errorf(
			"image %s is not here, and %s: pull it with `docker pull %s`, or change the policy", a.Ref, a.NoPullReason, a.Ref,
		)
	}
	return a.Existing, planner.Reuse, nil
}

// hasChangedBase reports whether the run has replaced an image that the build of a local image uses.
func (s imageStep) hasChangedBase(a *planner.Image) bool {
	for ref, id := range a.ChangingBases {
		if now := s.facts.Images[ref]; now != "" && now != id {
			return true
		}
	}
	return false
}

// pullImage pulls an image. If the image can be built, the pull is only an attempt,
// as with Compose. After a failure the local image is used, else the image is built.
func (s imageStep) pullImage(ctx context.Context, a *planner.Image) (observed.Image, planner.Verb, error) {
	image, err := s.Engine.PullImage(ctx, a.Ref, a.Platform, s.ProgressFunc(planner.PullImage))
	if err == nil || a.Build == nil || ctx.Err() != nil {
		return image, planner.PullImage, err
	}
	if a.Existing.ID != "" {
		s.Warn("the one that is here is used: %v", err)
		return a.Existing, planner.Reuse, nil
	}
	s.Warn("it is built: %v", err)
	image, err = s.buildImage(ctx, a)
	return image, planner.BuildImage, err
}

// buildImage builds a missing image only once, even for several runs at the same time.
func (s imageStep) buildImage(ctx context.Context, a *planner.Image) (observed.Image, error) {
	unlock, err := s.lockImage(ctx, a.Ref)
	if err != nil {
		return observed.Image{}, err
	}
	defer unlock()
	if a.Existing.ID == "" {
		if image, err := s.Engine.InspectImage(ctx, a.Ref, a.Platform); err == nil {
			return image, nil
		}
	}
	return s.Engine.BuildImage(ctx, a, s.ProgressFunc(planner.BuildImage))
}

// lockImage takes the lock of an image. A private project shares the images of its original.
func (s imageStep) lockImage(ctx context.Context, ref string) (func(), error) {
	return s.locks.Lock(ctx, cmp.Or(s.original, s.Project)+"/image/"+ref)
}

// findNewImage reports whether a task of this run has replaced the image of a task's container. The container may be
// older than the task, and the facts of the step get the new image.
func (w *worker) findNewImage(ctx context.Context, a *planner.RunOneOff) bool {
	before := w.facts.Images[a.Image]
	if !a.ImageMayChange || before == "" {
		return false
	}
	image, err := w.Engine.InspectImage(ctx, a.Image, a.Platform)
	if err != nil || image.ID == before {
		return false // without an image under the name, the container keeps its own
	}
	w.facts.Images[a.Image], w.facts.LocalImages[a.Image] = image.ID, image
	return true
}
