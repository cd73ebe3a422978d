package terminal

import "context"

// Resizes tells of nothing: Windows has no signal for it. The channel is closed when ctx ends.
func (t *Terminal) Resizes(ctx context.Context) <-chan struct{} {
	resizes := make(chan struct{})
	context.AfterFunc(ctx, func() { close(resizes) })
	return resizes
}
