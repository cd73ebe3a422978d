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

func TestExplainPort(t *testing.T) {
	ports := []types.ServicePortConfig{
		{Target: 80, Protocol: "tcp"}, {Target: 80, Published: "8080", Protocol: "udp"}, {Target: 80, Published: "8080", Protocol: "tcp"},
	}
	locate := func(path ...string) string { return "compose.yaml/" + strings.Join(path, "/") }
	taken := fmt.Errorf("start: %w", &engine.PortTakenError{Port: 8080, Protocol: "tcp", Holder: "pg", Err: errors.New("engine")})
	other := &engine.PortTakenError{Port: 9, Protocol: "tcp", Err: errors.New("engine")}
	plain := errors.New("plain")
	if err := step.ExplainPort(plain, ports, locate); err != plain {
		t.Errorf("another error: %v", err)
	}
	for want, err := range map[string]error{
		"compose.yaml/ports/2: port 8080/tcp of the host is taken by container pg. Stop":                                      step.ExplainPort(taken, ports, locate),
		"compose.yaml/ports: port 9/tcp of the host is taken by another program of the host. Stop":                            step.ExplainPort(other, ports, locate),
		"port 8080/tcp of the host is taken by container pg. Stop the other one, choose another port, or run with --isolated": step.ExplainPort(taken, nil, nil),
	} {
		if !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q, want %q", err, want)
		}
	}
}
