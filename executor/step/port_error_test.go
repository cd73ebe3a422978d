package step_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/executor/step"
)

func TestExplainStart(t *testing.T) {
	ports := []types.ServicePortConfig{
		{Target: 80, Protocol: "tcp"}, {Target: 80, Published: "8080", Protocol: "udp"}, {Target: 80, Published: "8080", Protocol: "tcp"},
	}
	locate := func(path ...string) string { return "compose.yaml/" + strings.Join(path, "/") }
	taken := fmt.Errorf("start: %w", &engine.PortTakenError{Port: 8080, Protocol: "tcp", Holder: "pg", Err: errors.New("engine")})
	other := &engine.PortTakenError{Port: 9, Protocol: "tcp", Err: errors.New("engine")}
	plain := errors.New("plain")
	rejected := fmt.Errorf("start: %w", &engine.Rejection{Fact: "no user x", Remedy: "use a number", Attribute: []string{"user"}, Err: plain})
	const remedy = ": stop the other one, choose another port, or run with --isolated for free ports of the host"
	for want, err := range map[string]error{
		"compose.yaml/ports/2: port 8080/tcp of the host is already in use by container pg" + remedy:           step.ExplainStart("x", taken, ports, locate),
		"compose.yaml/ports: port 9/tcp of the host is already in use by another program of the host" + remedy: step.ExplainStart("x", other, ports, locate),
		"port 8080/tcp of the host is already in use by container pg" + remedy:                                 step.ExplainStart("x", taken, nil, nil),
		"compose.yaml/user: no user x: use a number":                                                           step.ExplainStart("x", rejected, nil, locate),
		"no user x: use a number": step.ExplainStart("x", rejected, nil, nil),
		"x: plain":                step.ExplainStart("x", plain, ports, locate),
	} {
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}
