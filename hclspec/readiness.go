package hclspec

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// ProbeKind is the kind of a readiness probe.
type ProbeKind int

const (
	// NoProbe means that the block only configures the healthcheck (engine_only, timeout).
	NoProbe ProbeKind = iota
	// TCPProbe connects to a port.
	TCPProbe
	// HTTPProbe sends a request to a web server and expects a 2xx or 3xx.
	HTTPProbe
	// LogProbe looks for a line in the container's log.
	LogProbe
	// ExecProbe runs a command in the container.
	ExecProbe
)

// Readiness is the `ready` block of a service: the condition for a ready container, beside its healthcheck. The
// value is immutable.
type Readiness struct {
	Probe ProbeKind
	// Address is the target of TCPProbe and HTTPProbe. The zero value means the container's own addresses. A
	// loopback address is the container's.
	Address netip.Addr
	Port    uint16
	// Host is the Host header of HTTPProbe. Path is its path.
	Host, Path string
	LogPattern *regexp.Regexp
	Exec       []string
	// Interval is the pause between two attempts.
	Interval time.Duration
	// Timeout limits the failures of the probe. Without a probe, Timeout limits the healthcheck. 0: the
	// healthcheck's own numbers.
	Timeout time.Duration
	// EngineOnly leaves the healthcheck to the engine's schedule.
	EngineOnly bool
	Range      hcl.Range
}

// The defaults of a ready block.
const (
	defaultReadyInterval = 100 * time.Millisecond
	defaultReadyTimeout  = time.Minute
)

// HasProbe reports whether there is a probe beside the healthcheck. A nil Readiness has none.
func (r *Readiness) HasProbe() bool { return r != nil && r.Probe != NoProbe }

// ConditionText describes the condition, as in "until port 5432 accepts connections".
func (r *Readiness) ConditionText() string {
	switch r.Probe {
	case TCPProbe:
		return r.addressText() + " accepts connections"
	case HTTPProbe:
		return fmt.Sprintf("http on %s answers %s with success", r.addressText(), r.Path)
	case LogProbe:
		return fmt.Sprintf("its log matches %q", r.LogPattern)
	case ExecProbe:
		return fmt.Sprintf("`%s` ends with 0", strings.Join(r.Exec, " "))
	}
	return "it is healthy"
}

func (r *Readiness) addressText() string {
	if r.Address.IsValid() {
		return netip.AddrPortFrom(r.Address, r.Port).String()
	}
	return fmt.Sprintf("port %d", r.Port)
}
