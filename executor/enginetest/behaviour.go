package enginetest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/prober/wire"
	"tasks/planner"
)

// Script is for the shell of the toolbox image, and makes a real container do what its environment says, as one of
// [Memory] does. It needs SLEEP where the container is to run on.
const Script = `
printf %s "$STDOUT"
printf %s "$STDERR" >&2
if [ "$ECHO_STDIN" = 1 ]; then cat; fi
if [ -n "$IGNORE_SIGNALS" ]; then exec ignore ${IGNORE_SIGNALS//,/ } >/dev/null; fi
if [ "$SLEEP" = forever ]; then exec sleep 100000; fi
if [ -n "$SLEEP" ]; then sleep "$SLEEP"; fi
exit "${EXIT_CODE:-0}"
`

// never is a time that does not come.
const never = time.Duration(-1)

// behaviour is what a container's process does.
type behaviour struct {
	// sleep is how long it runs, or never ends.
	sleep               time.Duration
	exitCode, startFail int
	// holderFail is the exit code of the command that removes the holder's file.
	holderFail                  int
	stdout, stderr              string
	healthy, unhealthy, probeOK time.Duration
	execDelay, printAfter       time.Duration
	portOpen                    time.Duration
	// answer is what its port says.
	answer         string
	noRoute, noLog bool
	// isOutOfMemory reports whether the kernel killed the process for the lack of memory.
	isOutOfMemory bool
	// prober says that it is one of ours, which tries the port of another container.
	prober bool
	// signaller says that it is one of ours, which signals a command in another container.
	signaller bool
	echo      bool
	ignored   []string
}

// parseBehaviour reads the environment of a container.
func parseBehaviour(spec planner.ContainerSpec) (behaviour, error) {
	r := envReader{env: spec.Service.Environment}
	b := behaviour{
		sleep:      r.duration("SLEEP", 0),
		exitCode:   r.number("EXIT_CODE"),
		startFail:  r.number("START_FAIL"),
		holderFail: r.number("HOLDER_FAIL"),
		stdout:     r.text("STDOUT"),
		stderr:     r.text("STDERR"),
		healthy:    r.duration("HEALTHY_AFTER", never),
		unhealthy:  r.duration("UNHEALTHY_AFTER", never),
		execDelay:  r.duration("EXEC_DELAY", 0),
		echo:       r.text("ECHO_STDIN") == "1",

		printAfter: r.duration("STDOUT_AFTER", 0),
		portOpen:   r.duration("PORT_OPEN_AFTER", never),
		answer:     r.answer(),
		noRoute:    r.text("NO_ROUTE") == "1",
		noLog:      r.text("NO_LOG") == "1",

		isOutOfMemory: r.text("OUT_OF_MEMORY") == "1",

		prober:    r.has(wire.Kind),
		signaller: r.has(wire.Mark),
	}
	b.probeOK = r.duration("PROBE_OK_AFTER", max(b.healthy, 0))
	for name := range strings.SplitSeq(r.text("IGNORE_SIGNALS"), ",") {
		b.ignored = append(b.ignored, signalName(name))
	}
	if !spec.OneOff && !r.has("SLEEP") && !r.has("EXIT_CODE") {
		b.sleep = never
	}
	if b.healthy == never && b.unhealthy == never && hasProbe(spec.Service.HealthCheck) {
		b.healthy = firstProbe(spec.Service.HealthCheck, b.probeOK)
	}
	return b, r.err
}

func hasProbe(h *types.HealthCheckConfig) bool {
	return h != nil && !h.Disable && len(h.Test) > 0 && h.Test[0] != "NONE"
}

// firstProbe is when the engine's own probe first succeeds: at a multiple of the interval, and not at once.
func firstProbe(h *types.HealthCheckConfig, ok time.Duration) time.Duration {
	interval := 30 * time.Second
	if h.Interval != nil && *h.Interval > 0 {
		interval = time.Duration(*h.Interval)
	}
	return interval * max(1, (ok+interval-1)/interval)
}

// envReader reads variables and keeps the first error.
type envReader struct {
	env types.MappingWithEquals
	err error
}

func (r *envReader) has(name string) bool { return r.env[name] != nil }

func (r *envReader) text(name string) string {
	if value := r.env[name]; value != nil {
		return *value
	}
	return ""
}

func (r *envReader) number(name string) int {
	if !r.has(name) {
		return 0
	}
	n, err := strconv.Atoi(r.text(name))
	r.keepError(name, err)
	return n
}

func (r *envReader) duration(name string, unset time.Duration) time.Duration {
	switch {
	case !r.has(name):
		return unset
	case r.text(name) == "forever":
		return never
	}
	d, err := time.ParseDuration(r.text(name))
	r.keepError(name, err)
	return d
}

func (r *envReader) keepError(name string, err error) {
	if r.err == nil && err != nil {
		r.err = fmt.Errorf("environment variable %s: %w", name, err)
	}
}

// endsBySignal says whether a signal ends the process, and with which code.
func (b *behaviour) endsBySignal(signal string) (code int, ends bool) {
	number, known := signalNumbers()[signal]
	if !known {
		return 0, false
	}
	if signal != "KILL" {
		for _, name := range b.ignored {
			if name == signal {
				return 0, false
			}
		}
	}
	return 128 + number, true
}

// signalNumbers are the signals that end a process which does not handle them.
func signalNumbers() map[string]int {
	return map[string]int{"HUP": 1, "INT": 2, "QUIT": 3, "ABRT": 6, "KILL": 9, "USR1": 10, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15}
}
