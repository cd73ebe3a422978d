package step

import (
	"errors"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
)

// ExplainStart adds the place, and the remedy for a taken port of the host, to the error of a start. ports are those of
// the container, and locate returns the place of an attribute of its service; nil: unknown. An error without a known
// cause gets the prefix.
func ExplainStart(
	prefix string, err error, ports []types.ServicePortConfig, locate func(path ...string) string,
) error {
	taken, ok := errors.AsType[*engine.PortTakenError](err)
	if !ok {
		return engine.Explain(engine.WithPlace(err, locate), "%s", prefix)
	}
	rejection := &engine.Rejection{
		Fact: taken.Error(), Err: taken,
		Remedy: "stop the other one, choose another port, or run with --isolated for free ports of the host",
	}
	if locate != nil {
		rejection.Place = portPlace(taken, ports, locate)
	}
	return rejection
}

// portPlace returns the place of the entry that publishes a port; else of all ports.
func portPlace(
	taken *engine.PortTakenError, ports []types.ServicePortConfig, locate func(path ...string) string,
) string {
	for i, p := range ports {
		if p.Protocol == taken.Protocol && p.Published == strconv.Itoa(taken.Port) {
			return locate("ports", strconv.Itoa(i))
		}
	}
	return locate("ports")
}
