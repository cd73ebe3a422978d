package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tasks/executor/engine"
)

// checkClientConfig checks the configuration of the docker command: context and credential helpers.
func (s Sources) checkClientConfig(r *Report) {
	c, err := s.ClientConfig()
	if err != nil {
		r.add("context", Problem, err.Error(), "correct "+c.File+", or choose the engine with DOCKER_HOST")
		return
	}
	r.add("context", OK, fmt.Sprintf("%s, chosen by %s", c.Address, c.Origin), "")
	var missing []string
	for _, program := range c.CredentialHelpers {
		if _, err := s.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	switch {
	case len(missing) > 0:
		names := strings.Join(missing, ", ")
		r.add("credentials", Problem,
			fmt.Sprintf("%s names programs for the credentials of registries, and PATH has not: %s", c.File, names),
			fmt.Sprintf("install %s, or remove credsStore and credHelpers from %s", names, c.File))
	case len(c.CredentialHelpers) > 0:
		r.add("credentials", OK, "kept by "+strings.Join(c.CredentialHelpers, ", "), "")
	}
}

// adviser is an error with advice.
type adviser interface {
	error
	Fact() string
	Advice() string
}

// checkEngine asks the engine for a description.
func (s Sources) checkEngine(ctx context.Context, r *Report) (engine.Description, bool) {
	ctx, cancel := context.WithTimeoutCause(ctx, engineTimeout, fmt.Errorf("no answer within %s", engineTimeout))
	defer cancel()
	connected, err := s.Engine()
	var d engine.Description
	if err == nil {
		d, err = connected.Describe(ctx)
	}
	if err != nil {
		fact, remedy := err.Error(), cmp.Or(s.remedy, "start a Docker Engine, or name one with DOCKER_HOST")
		if known, ok := errors.AsType[adviser](err); ok {
			fact, remedy = known.Fact(), known.Advice()
		}
		r.add("engine", Problem, fact, remedy)
		return d, false
	}
	fact := fmt.Sprintf("%s %s, API %s, %s/%s, %s", d.Name, d.Version, d.APIVersion, d.OS, d.Arch, d.System)
	r.add("engine", OK, fact, "")
	switch {
	case d.OS != "linux":
		r.add("containers", Problem, "the engine runs containers of "+d.OS, "switch the engine to Linux containers")
	case d.Name != "Docker Engine":
		r.add("builds", Warning, d.Name+" has no BuildKit: tasks cannot build the images of services with a build section",
			"build these images before the run, or use a Docker Engine")
	default:
		r.add("builds", OK, "through the engine's BuildKit", "")
	}
	return d, true
}

// isLocal reports whether the engine may run on this machine.
func (s Sources) isLocal() bool {
	connected, err := s.Engine()
	return err == nil && engine.IsLocalAddress(connected.Address())
}

// checkClock compares the clocks. A request may take a second.
func checkClock(r *Report, d engine.Description) {
	const tolerance = 3 * time.Second
	if skew := d.Skew.Abs(); skew > tolerance {
		direction := "ahead of"
		if d.Skew < 0 {
			direction = "behind"
		}
		fact := fmt.Sprintf("the engine's clock is %s %s the clock of this machine", skew.Round(time.Second), direction)
		r.add("clock", Warning, fact, "set both clocks by NTP; Docker Desktop sets its clock at a restart")
		return
	}
	r.add("clock", OK, "the engine and this machine agree", "")
}

// checkSubnets warns before the engine's address pools are used up.
func checkSubnets(r *Report, d engine.Description) {
	const fewSubnets = 3
	fact := fmt.Sprintf("%d of %d subnets of the engine's address pools are in use", d.UsedSubnets, d.SubnetCount)
	if d.SubnetCount > 0 && d.SubnetCount-d.UsedSubnets < fewSubnets {
		r.add("networks", Warning, fact, "remove unused networks: docker network prune. Without a free subnet, tasks "+
			"chooses a subnet by itself, and Compose fails")
		return
	}
	r.add("networks", OK, fact, "")
}

// checkEngineWarnings repeats the warnings of the engine.
func checkEngineWarnings(r *Report, d engine.Description) {
	for _, warning := range d.Warnings {
		r.add("engine", Warning, strings.TrimPrefix(strings.TrimSpace(warning), "WARNING: "),
			"the manual of dockerd explains this warning; only services that need the feature are affected")
	}
}
