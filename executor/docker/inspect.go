package docker

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/executor/engine"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// The engine's defaults for the schedule of a healthcheck.
const (
	defaultProbeInterval = 30 * time.Second
	defaultProbeTimeout  = 30 * time.Second
	defaultProbeRetries  = 3
)

// InspectContainer implements [engine.Engine].
func (e *Engine) InspectContainer(ctx context.Context, idOrName string) (engine.ContainerState, error) {
	var state engine.ContainerState
	err := e.call(ctx, "inspect container "+shortID(idOrName), func(api *client.Client) error {
		answer, err := inspectContainer(ctx, api, idOrName)
		if err != nil {
			return err
		}
		state = containerState(answer)
		return e.keepOwnLabels(ctx, api, &state.Container)
	})
	return state, err
}

// ProjectContainers implements [engine.Engine].
func (e *Engine) ProjectContainers(ctx context.Context, project string) ([]*observed.Container, error) {
	var found []*observed.Container
	err := e.call(ctx, "list the containers of project "+project, func(api *client.Client) error {
		result, err := api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ofProject(project)})
		for _, item := range result.Items {
			found = append(found, observedContainer(item))
		}
		if err != nil {
			return err
		}
		return e.keepOwnLabels(ctx, api, found...)
	})
	found = slices.DeleteFunc(found, func(c *observed.Container) bool { return !isOf(c, project) })
	slices.SortFunc(found, byName)
	return found, err
}

func byName(a, b *observed.Container) int { return cmp.Compare(a.Name, b.Name) }

func ofProject(project string) client.Filters {
	return make(client.Filters).Add("label", composeproject.LabelProject+"="+project)
}

// shortID returns the short form of an id. A name stays whole.
func shortID(id string) string {
	if len(id) == 64 && strings.Trim(id, "0123456789abcdef") == "" {
		return id[:12]
	}
	return id
}

func containerState(r container.InspectResponse) engine.ContainerState {
	state := engine.ContainerState{Container: inspectedContainer(r)}
	if r.State != nil {
		state.Error, state.IsOutOfMemory = r.State.Error, r.State.OOMKilled
		// An unreadable time stays zero: the container was never started.
		state.StartedAt, _ = time.Parse(time.RFC3339Nano, r.State.StartedAt)
		state.LastProbeOutput, state.Restarts = lastProbe(r.State.Health, state.StartedAt), r.RestartCount
	}
	if r.HostConfig != nil {
		state.NetworkMode, state.MemoryLimit = string(r.HostConfig.NetworkMode), r.HostConfig.Memory
	}
	state.Addresses, state.HostPorts = networkAddresses(r), hostPorts(r)
	if r.Config != nil {
		state.TTY = r.Config.Tty
		state.Probe = probe(r.Config, r.Platform)
	}
	return state
}

// probe prepares a healthcheck for exec, like the engine's own probe. A shell form gets the image's shell. The
// container's user and directory apply. The engine's defaults fill missing values.
func probe(c *container.Config, platform string) *engine.Probe {
	h := c.Healthcheck
	if !hasHealthcheck(h) {
		return nil
	}
	command := slices.Clone(h.Test[1:])
	if h.Test[0] == "CMD-SHELL" {
		command = append(shell(c.Shell, platform), command...)
	}
	return &engine.Probe{
		Command:     command,
		User:        c.User,
		Workdir:     c.WorkingDir,
		Timeout:     cmp.Or(h.Timeout, defaultProbeTimeout),
		Interval:    cmp.Or(h.Interval, defaultProbeInterval),
		StartPeriod: h.StartPeriod,
		Retries:     retries(c),
	}
}

func shell(configured []string, platform string) []string {
	switch {
	case len(configured) > 0:
		return slices.Clone(configured)
	case platform == "windows":
		return []string{"cmd", "/S", "/C"}
	}
	return []string{"/bin/sh", "-c"}
}

// timeoutPrefix begins the engine's message about a healthcheck without an answer in time.
const timeoutPrefix = "Health check exceeded timeout"

// lastProbe formats the last result of a healthcheck since a start. The engine keeps results over a restart. A message
// of the engine about a probe without a start, or a kill with the container, is no result.
func lastProbe(h *container.Health, startedAt time.Time) string {
	if h == nil {
		return ""
	}
	for _, result := range slices.Backward(h.Log) {
		if result == nil || result.Start.Before(startedAt) {
			return ""
		}
		output := strings.TrimSpace(result.Output)
		switch {
		case engine.IsEngineNoise(output), output == "" && result.ExitCode == codeKilled:
		case result.ExitCode < 0 && !strings.HasPrefix(output, timeoutPrefix) && !engine.IsExecStartError(output):
		default:
			return strings.TrimSpace(fmt.Sprintf("%s (exit code %d)", output, result.ExitCode))
		}
	}
	return ""
}

// codeKilled is the exit code of a probe that was killed with its container.
const codeKilled = 137
