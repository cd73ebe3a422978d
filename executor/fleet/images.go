package fleet

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/errdefs"

	"tasks/planner"
	"tasks/planner/observed"
)

// imageCalls are the calls on images. An image is built or pulled on one node, and sent to the others.
type imageCalls struct {
	*router
	state *imageState
}

// imageState is what the fleet knows of images.
type imageState struct {
	// sending lets one image be sent at a time to a node.
	sending sync.Map
	mu      sync.Mutex
	// homes are the nodes that have pulled or built an image last, by reference. present are the images that a node
	// has.
	homes   map[string]*node
	present map[presence]bool
}

// presence says that a node has an image.
type presence struct {
	node          *node
	ref, platform string
}

// Platform implements [engine.Engine]. All nodes must have one platform for programs of this machine.
func (c imageCalls) Platform(ctx context.Context) (os, arch string, err error) {
	n, err := c.first(ctx)
	if err != nil {
		return "", "", err
	}
	os, err = onNode(ctx, n, func(ctx context.Context) (os string, err error) {
		os, arch, err = n.Engine.Platform(ctx)
		return os, err
	})
	return os, arch, err
}

// InspectImage implements [engine.Engine]: the image of the node that has pulled or built it last, else of the first
// node with the image.
func (c imageCalls) InspectImage(ctx context.Context, ref, platform string) (observed.Image, error) {
	_, image, err := c.reference(ctx, ref, platform)
	return image, err
}

// reference returns the image for all nodes, and the node with the image.
func (c imageCalls) reference(ctx context.Context, ref, platform string) (*node, observed.Image, error) {
	if err := c.open(ctx); err != nil {
		return nil, observed.Image{}, err
	}
	found, err := onEach(ctx, c.router, c.answering(), func(ctx context.Context, n *node) (*observed.Image, error) {
		image, err := n.Engine.InspectImage(ctx, ref, platform)
		if errdefs.IsNotFound(err) {
			return nil, nil
		}
		return &image, err
	})
	if err != nil {
		return nil, observed.Image{}, err
	}
	c.state.mu.Lock()
	home := c.state.homes[ref]
	c.state.mu.Unlock()
	for _, n := range append([]*node{home}, c.nodes...) {
		if image := found[n]; image != nil {
			return n, *image, nil
		}
	}
	return nil, observed.Image{}, fmt.Errorf("no node has image %s: %w", ref, errdefs.ErrNotFound)
}

// PullImage implements [engine.Engine].
func (c imageCalls) PullImage(
	ctx context.Context, ref, platform string, progress func(string),
) (observed.Image, error) {
	return c.make(ctx, ref, func(ctx context.Context, n *node) (observed.Image, error) {
		return n.Engine.PullImage(ctx, ref, platform, progress)
	})
}

// BuildImage implements [engine.Engine].
func (c imageCalls) BuildImage(
	ctx context.Context, img *planner.Image, progress func(string),
) (observed.Image, error) {
	return c.make(ctx, img.Ref, func(ctx context.Context, n *node) (observed.Image, error) {
		return n.Engine.BuildImage(ctx, img, progress)
	})
}

// make pulls or builds an image on the first node.
func (c imageCalls) make(
	ctx context.Context, ref string, do func(context.Context, *node) (observed.Image, error),
) (observed.Image, error) {
	n, err := c.first(ctx)
	if err != nil {
		return observed.Image{}, err
	}
	image, err := onNode(ctx, n, func(ctx context.Context) (observed.Image, error) { return do(ctx, n) })
	if err == nil {
		c.state.mu.Lock()
		defer c.state.mu.Unlock()
		c.state.homes[ref] = n
		maps.DeleteFunc(c.state.present, func(p presence, _ bool) bool { return p.ref == ref })
	}
	return image, err
}

// ensure sends the images of a container that its node lacks.
func (c imageCalls) ensure(ctx context.Context, n *node, spec planner.ContainerSpec, progress func(string)) error {
	if progress == nil {
		progress = func(string) {}
	}
	if err := c.ensureImage(ctx, n, spec.Image, spec.Service.Platform, progress); err != nil {
		return err
	}
	for _, v := range spec.Service.Volumes {
		if v.Type == types.VolumeTypeImage {
			if err := c.ensureImage(ctx, n, v.Source, "", progress); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c imageCalls) ensureImage(ctx context.Context, n *node, ref, platform string, progress func(string)) error {
	lock, _ := c.state.sending.LoadOrStore(n, make(chan struct{}, 1))
	gate := lock.(chan struct{})
	select {
	case gate <- struct{}{}:
		defer func() { <-gate }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	key := presence{n, ref, platform}
	if ref == "" || c.isPresent(key) {
		return nil
	}
	own, err := onNode(ctx, n, func(ctx context.Context) (observed.Image, error) {
		return n.Engine.InspectImage(ctx, ref, platform)
	})
	if err != nil && !errdefs.IsNotFound(err) {
		return err
	}
	hasOwn := err == nil
	from, image, err := c.reference(ctx, ref, platform)
	switch {
	case errdefs.IsNotFound(err):
		return nil // the node reports the missing image
	case err != nil:
		return err
	case from != n && (!hasOwn || own.ID != image.ID):
		if err := c.send(ctx, from, key, progress); err != nil {
			return err
		}
	}
	c.state.mu.Lock()
	defer c.state.mu.Unlock()
	c.state.present[key] = true
	return nil
}

// send sends an image to a node. The loss of either node ends the call.
func (c imageCalls) send(ctx context.Context, from *node, to presence, progress func(string)) error {
	image := Image{From: from.Engine, To: to.node.Engine, Ref: to.ref, Platform: to.platform, Node: to.node.Name}
	toNode := func(text string) { progress("to " + to.node.Name + ": " + text) }
	return doOnNode(ctx, to.node, func(ctx context.Context) error {
		return doOnNode(ctx, from, func(ctx context.Context) error { return c.cfg.SendImage(ctx, image, toNode) })
	})
}

func (c imageCalls) isPresent(key presence) bool {
	c.state.mu.Lock()
	defer c.state.mu.Unlock()
	return c.state.present[key]
}

// ImageSends returns the transfers of an image to the nodes with the names that lack the image, or have another image
// of the name.
func (c imageCalls) ImageSends(ctx context.Context, ref, platform string, names []string) (sends []Image, err error) {
	from, image, err := c.reference(ctx, ref, platform)
	if errdefs.IsNotFound(err) {
		return nil, nil // the run pulls or builds the image
	}
	if err != nil {
		return nil, err
	}
	found, err := eachUsable(ctx, c.router, func(ctx context.Context, n *node) (string, error) {
		own, err := n.Engine.InspectImage(ctx, ref, platform)
		if errdefs.IsNotFound(err) {
			return "", nil
		}
		return own.ID, err
	})
	for _, n := range c.nodes {
		if id, isAsked := found[n]; isAsked && n != from && id != image.ID && slices.Contains(names, n.Name) {
			sends = append(sends, Image{From: from.Engine, To: n.Engine, Ref: ref, Platform: platform, Node: n.Name})
		}
	}
	return sends, err
}
