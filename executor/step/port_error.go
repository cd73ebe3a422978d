package step

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
)

// ExplainPort adds the place and the remedy to an error about a taken port of the host. ports are those of the
// container, and locate returns the place of an attribute of its service; nil: unknown. Other errors stay as they are.
func ExplainPort(err error, ports []types.ServicePortConfig, locate func(path ...string) string) error {
	taken, ok := errors.AsType[*engine.PortTakenError](err)
	if !ok {
		return err
	}
	place := ""
	if locate != nil {
		if place = portPlace(taken, ports, locate); place != "" {
			place += ": "
		}
	}
	return fmt.Errorf("%s%w. Stop the other one, choose another port, or run with --isolated: a private project gets "+
		"free ports of the host", place, taken)
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
