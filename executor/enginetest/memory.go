package enginetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/errdefs"

	"tasks/executor/engine"
	"tasks/planner/observed"
)

// Memory is an engine without containers. It is safe for concurrent use, starts no goroutine that waits, and takes its
// time from package time alone, so that it runs inside testing/synctest.
type Memory struct {
	mu         sync.Mutex
	lastNumber int
	containers map[string]*memoryContainer
	networks   map[string]*observed.Network
	// networkConfigs are those of the networks, by id.
	networkConfigs map[string]types.NetworkConfig
	volumes        map[string]*observed.Volume
	images         map[string]observed.Image
	remote         map[string]observed.Image
	events         []*subscription
	calls          []Call
	faults         map[string]*fault
	violations     []error
	// name makes the ids of several engines different. silence is open while the engine answers no call.
	name    string
	silence chan struct{}
}

var _ engine.Engine = (*Memory)(nil)

// Call is one call of the engine.
type Call struct {
	// Op is the method's name, Arg its main argument: for containers the name, else a name or a reference.
	Op, Arg string
	At      time.Time
}

func (c Call) String() string { return c.Op + " " + c.Arg }

// fault is what shall go wrong with the calls of one method. The maps are keyed by the number of the call; 0 is every.
type fault struct {
	count         int
	before, after map[int]error
	blocked       chan struct{}
	delay         time.Duration
}

// ViolationError is a call that a correct run never makes.
type ViolationError struct {
	Call  Call
	Rule  string
	class error
}

func (e *ViolationError) Error() string {
	return "protocol violation: " + e.Call.String() + ": " + e.Rule
}
func (e *ViolationError) Unwrap() error { return e.class }

// NewMemory makes an engine that holds nothing. Violations are only recorded; see [Memory.Violations].
func NewMemory() *Memory {
	return &Memory{
		containers:     map[string]*memoryContainer{},
		networks:       map[string]*observed.Network{},
		networkConfigs: map[string]types.NetworkConfig{},
		volumes:        map[string]*observed.Volume{},
		images:         map[string]observed.Image{},
		remote:         map[string]observed.Image{},
		faults:         map[string]*fault{},
	}
}

// New makes an engine whose violations fail the test.
func New(t testing.TB) *Memory {
	m := NewMemory()
	t.Cleanup(func() {
		for _, v := range m.Violations() {
			t.Error(v)
		}
	})
	return m
}

// Violations are the calls that broke the protocol, in order.
func (m *Memory) Violations() []error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.violations)
}

// Calls are all calls so far, in order, failed ones too.
func (m *Memory) Calls() []Call {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

// CallsOf are the arguments of all calls of one method, in order.
func (m *Memory) CallsOf(op string) []string {
	var args []string
	for _, c := range m.Calls() {
		if c.Op == op {
			args = append(args, c.Arg)
		}
	}
	return args
}

// FailOn makes the nth call of a method ("StartContainer") from now on fail, counted from 1, before it does anything;
// 0 is every call.
func (m *Memory) FailOn(op string, nth int, err error) {
	m.fault(op, func(f *fault) { f.before[f.number(nth)] = err })
}

// FailAfter makes the nth call fail after it has done its work, as a lost connection would; 0 is every call.
func (m *Memory) FailAfter(op string, nth int, err error) {
	m.fault(op, func(f *fault) { f.after[f.number(nth)] = err })
}

// BlockOn makes calls of a method hang until release is called or their context ends.
func (m *Memory) BlockOn(op string) (release func()) {
	gate := make(chan struct{})
	m.fault(op, func(f *fault) { f.blocked = gate })
	return sync.OnceFunc(func() {
		m.fault(op, func(f *fault) { f.blocked = nil })
		close(gate)
	})
}

// Delay makes every call of a method take time.
func (m *Memory) Delay(op string, d time.Duration) {
	m.fault(op, func(f *fault) { f.delay = d })
}

func (m *Memory) fault(op string, change func(*fault)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(m.faultOf(op))
}

func (m *Memory) faultOf(op string) *fault {
	if m.faults[op] == nil {
		m.faults[op] = &fault{before: map[int]error{}, after: map[int]error{}}
	}
	return m.faults[op]
}

func (f *fault) number(nth int) int {
	if nth == 0 {
		return 0
	}
	return f.count + nth
}

// recordCall notes a call and lets happen what shall go wrong. A late error is to be returned once the work is done.
func (m *Memory) recordCall(ctx context.Context, op, arg string) (late, err error) {
	m.mu.Lock()
	m.calls = append(m.calls, Call{Op: op, Arg: m.containerName(arg), At: time.Now()})
	f := m.faultOf(op)
	f.count++
	blocked, delay, silence := f.blocked, f.delay, m.silence
	before, after := faultFor(f.before, f.count), faultFor(f.after, f.count)
	m.mu.Unlock()
	if err := waitFault(ctx, silence, 0); err != nil {
		return nil, fmt.Errorf("%s %s: %w", op, arg, err)
	}
	if err := waitFault(ctx, blocked, delay); err != nil {
		return nil, fmt.Errorf("%s %s: %w", op, arg, err)
	}
	return after, before
}

func faultFor(errs map[int]error, nth int) error {
	if err := errs[nth]; err != nil {
		return err
	}
	return errs[0]
}

func waitFault(ctx context.Context, gate <-chan struct{}, delay time.Duration) error {
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
		}
	}
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return context.Cause(ctx)
}

// containerName is a container's name where arg is its id.
func (m *Memory) containerName(arg string) string {
	if c := m.containers[arg]; c != nil {
		return c.spec.Name
	}
	return arg
}

// violation notes a broken rule, and makes the error that the call returns; it has the class that the engine would
// give.
func (m *Memory) violation(op, arg string, class error, format string, args ...any) error {
	v := &ViolationError{
		Call:  Call{Op: op, Arg: m.containerName(arg), At: time.Now()},
		Rule:  fmt.Sprintf(format, args...),
		class: class,
	}
	m.violations = append(m.violations, v)
	return v
}

// newID makes an id as long as the engine's.
func (m *Memory) newID(kind string) string {
	m.lastNumber++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s%s %d", m.name, kind, m.lastNumber))
	return hex.EncodeToString(sum[:])
}

// Remaining lists what the engine still has, sorted: "container x (exited)", "network x", "volume x". Images do not
// count.
func (m *Memory) Remaining() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var remaining []string
	for _, c := range m.containers {
		remaining = append(remaining, "container "+c.spec.Name+" ("+c.state+")")
	}
	for _, n := range m.networks {
		remaining = append(remaining, "network "+n.Name)
	}
	for name := range m.volumes {
		remaining = append(remaining, "volume "+name)
	}
	slices.Sort(remaining)
	return remaining
}

func notFound(kind, name string) error {
	return fmt.Errorf("no such %s: %s: %w", kind, name, errdefs.ErrNotFound)
}

func conflict(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, errdefs.ErrConflict)...)
}

func inProject(labels map[string]string, project string) bool {
	return labels[projectLabel] == project
}

// signalName makes "TERM" of "SIGTERM", "term" or "TERM".
func signalName(s string) string {
	return strings.TrimPrefix(strings.ToUpper(s), "SIG")
}
