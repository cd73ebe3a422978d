package hclspec

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// ProbeKind says how a ready block finds out that a service is ready.
type ProbeKind int

const (
	// NoProbe: the block only says something about the healthcheck (engine_only, timeout).
	NoProbe ProbeKind = iota
	// TCPProbe connects to a port.
	TCPProbe
	// HTTPProbe asks a web server and wants a 2xx or 3xx.
	HTTPProbe
	// LogProbe looks for a line in the container's log.
	LogProbe
	// ExecProbe runs a command in the container.
	ExecProbe
)

// Readiness is the `ready` block of a service: when its container counts as ready, beside its healthcheck. It is immutable.
type Readiness struct {
	Probe ProbeKind
	// Address is where TCPProbe and HTTPProbe connect to; the zero value: the container's own addresses. A loopback
	// address is that of the container.
	Address netip.Addr
	Port    uint16
	// Host is the Host header of HTTPProbe, Path its path.
	Host, Path string
	LogPattern *regexp.Regexp
	Exec       []string
	// Interval is the pause between two tries.
	Interval time.Duration
	// Timeout is how long the probe may fail; without a probe, how long the healthcheck may, and 0: by its own numbers.
	Timeout time.Duration
	// EngineOnly leaves the healthcheck to the engine's schedule.
	EngineOnly bool
	Range      hcl.Range
}

// What a ready block means where it does not say.
const (
	defaultReadyInterval = 100 * time.Millisecond
	defaultReadyTimeout  = time.Minute
)

// HasProbe says that there is more to wait for than a healthcheck. A nil Readiness has none.
func (r *Readiness) HasProbe() bool { return r != nil && r.Probe != NoProbe }

// ConditionText says what is waited for, to stand behind "until": "port 5432 accepts connections".
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
