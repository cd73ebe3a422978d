package docker

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/moby/moby/client"
	"github.com/moby/moby/client/pkg/versions"

	"tasks/executor/engine"
)

// apiConnection sends requests to one engine, with one agreed API version.
type apiConnection struct {
	api     *client.Client
	address string
	// negotiating has room for one goroutine, the goroutine that agrees on the version. The other goroutines wait.
	// With the client's own negotiation, each of the first calls would send a ping, one after the other.
	negotiating     chan struct{}
	negotiated      chan struct{}
	hasFixedVersion bool
	// osType is the engine's operating system. It is known after the negotiation, and empty for a fixed version.
	osType string
	// skew is the engine's clock minus the local clock, known after the negotiation. See clockSkew.
	skew time.Duration
	// images are the labels of images with containers of a chosen name.
	images imageLabels
}

// Close closes idle connections. Calls under way continue.
func (c *apiConnection) Close() error { return c.api.Close() }

// Address returns the address of the engine, in the form of the docker command.
func (c *apiConnection) Address() string { return c.address }

// APIVersion agrees on the version of the API and returns the version, such as "1.41".
func (c *apiConnection) APIVersion(ctx context.Context) (string, error) {
	if err := c.negotiate(ctx); err != nil {
		return "", c.wrapError(ctx, "ask for the API version", err)
	}
	return c.api.ClientVersion(), nil
}

// Ping asks the engine for an answer.
func (c *apiConnection) Ping(ctx context.Context) error {
	if err := c.negotiate(ctx); err != nil {
		return c.wrapError(ctx, "ask for an answer", err)
	}
	_, err := c.api.Ping(ctx, client.PingOptions{})
	return c.wrapError(ctx, "ask for an answer", err)
}

// SwarmNodes asks the manager of a Docker Swarm for the nodes (GET /nodes).
func (c *apiConnection) SwarmNodes(ctx context.Context) ([]engine.SwarmMember, error) {
	var members []engine.SwarmMember
	err := c.call(ctx, "ask for the nodes of the swarm", func(api *client.Client) error {
		list, err := api.NodeList(ctx, client.NodeListOptions{})
		for _, n := range list.Items {
			members = append(members, engine.SwarmMember{
				Name: n.Description.Hostname, Address: n.Status.Addr, Labels: n.Spec.Labels,
				State: string(n.Status.State), Message: n.Status.Message, Availability: string(n.Spec.Availability),
			})
		}
		return err
	})
	return members, err
}

// supports reports whether the agreed version is at least v. Call negotiate first.
func (c *apiConnection) supports(v string) bool {
	return versions.GreaterThanOrEqualTo(c.api.ClientVersion(), v)
}

// negotiate agrees on the version of the API, once. After a failure, the next call tries again.
func (c *apiConnection) negotiate(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err() // select chooses at random
	}
	select {
	case <-c.negotiated:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case c.negotiating <- struct{}{}:
	}
	defer func() { <-c.negotiating }()
	if c.isNegotiated() {
		return nil
	}
	if !c.hasFixedVersion {
		pong, err := c.api.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true})
		if err != nil {
			return err
		}
		c.osType = pong.OSType
	}
	close(c.negotiated)
	return nil
}

func (c *apiConnection) isNegotiated() bool {
	select {
	case <-c.negotiated:
		return true
	default:
		return false
	}
}

// recordClockSkew compares the engine's clock with the local clock at the response to the negotiating ping. No other
// request is under way then, so the field needs no lock.
func (c *apiConnection) recordClockSkew(resp *http.Response) {
	if c.isNegotiated() || c.hasFixedVersion {
		return
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		c.skew = clockSkew(date, time.Now())
	}
}

// clockSkew computes how far the engine's clock is ahead of the local clock. The date of a response has whole seconds.
// A difference below two seconds counts as zero: an engine on this machine has the local clock.
func clockSkew(date, now time.Time) time.Duration {
	if skew := date.Sub(now); skew > 2*time.Second || skew < -2*time.Second {
		return skew
	}
	return 0
}

// now returns the time on the engine's clock, or an earlier time. The clock of another machine is known to two seconds
// only.
func (c *apiConnection) now() time.Time {
	now := time.Now().Add(c.skew)
	if !engine.IsLocalAddress(c.address) {
		now = now.Add(-2 * time.Second)
	}
	return now
}

// call runs one request after the negotiation, and adds the operation and a class to the error.
func (c *apiConnection) call(ctx context.Context, op string, request func(*client.Client) error) error {
	err := c.negotiate(ctx)
	if err == nil {
		err = retryWhileAmbiguous(ctx, func() error { return request(c.api) })
	}
	return c.wrapError(ctx, op, err)
}

// wrapError adds the failed operation to an error. After the end of ctx, every error counts as the end of ctx.
// Transports wrap this error in many indistinguishable ways.
func (c *apiConnection) wrapError(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return &callError{op: op, err: context.Cause(ctx)}
	}
	if isUnreachable(err) {
		return &UnreachableError{Address: c.address, Err: err}
	}
	if known, ok := errors.AsType[*callError](err); ok && known.op == op {
		return err
	}
	return &callError{op: op, err: explainRejection(classifyByMessage(err))}
}

// lingerTimeout limits a creating request after the end of the context.
const lingerTimeout = 5 * time.Second

// lingeringContext is for requests that create a resource. A lost answer would leave an unknown resource. Such
// requests are short, and therefore may finish.
func lingeringContext(ctx context.Context) (context.Context, context.CancelFunc) {
	outlives, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(lingerTimeout, cancel)
		context.AfterFunc(outlives, func() { timer.Stop() })
	})
	return outlives, func() { stop(); cancel() }
}
