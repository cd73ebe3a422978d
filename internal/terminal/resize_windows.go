package terminal

import "context"

// Resizes returns a channel without values, because Windows has no signal for sizes. The channel is closed when ctx
// ends.
func (t *Terminal) Resizes(ctx context.Context) <-chan struct{} {
	resizes := make(chan struct{})
	context.AfterFunc(ctx, func() { close(resizes) })
	return resizes
}
