package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
)

// engine makes only the API calls that every tool must make, over an open connection. The calls are the floor of the
// measurements.
type engine struct {
	cli   *client.Client
	image string
}

// projectLabel marks everything of the benchmarks, so that a single function removes the resources of every tool.
const projectLabel = "com.docker.compose.project"

func labels(project string) map[string]string { return map[string]string{projectLabel: project} }

// networkOf returns Compose's name of a project's network.
func networkOf(project string) string { return project + "_default" }

// oneOff runs `true` on the project's network: create, attach, wait, start, stream, remove.
func (e engine) oneOff(ctx context.Context, project string) error {
	created, err := e.cli.ContainerCreate(ctx, client.ContainerCreateOptions{
		Config: &container.Config{
			Image: e.image, Cmd: []string{"true"}, Labels: labels(project), AttachStdout: true, AttachStderr: true,
		},
		HostConfig: &container.HostConfig{NetworkMode: container.NetworkMode(networkOf(project))},
	})
	if err != nil {
		return fmt.Errorf("creating the one-off: %w", err)
	}
	streams := client.ContainerAttachOptions{Stream: true, Stdout: true, Stderr: true}
	attached, err := e.cli.ContainerAttach(ctx, created.ID, streams)
	if err != nil {
		return fmt.Errorf("attaching to the one-off: %w", err)
	}
	defer attached.Close()
	nextExit := client.ContainerWaitOptions{Condition: container.WaitConditionNextExit}
	wait := e.cli.ContainerWait(ctx, created.ID, nextExit)
	if _, err := e.cli.ContainerStart(ctx, created.ID, client.ContainerStartOptions{}); err != nil {
		return fmt.Errorf("starting the one-off: %w", err)
	}
	if _, err := stdcopy.StdCopy(io.Discard, io.Discard, attached.Reader); err != nil {
		return fmt.Errorf("reading the one-off's output: %w", err)
	}
	if err := exited(wait); err != nil {
		return err
	}
	_, err = e.cli.ContainerRemove(ctx, created.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	return err
}

func exited(wait client.ContainerWaitResult) error {
	select {
	case err := <-wait.Error:
		return fmt.Errorf("waiting for the one-off: %w", err)
	case exit := <-wait.Result:
		if exit.StatusCode != 0 {
			return fmt.Errorf("the one-off ended with %d, want 0", exit.StatusCode)
		}
		return nil
	}
}

// up makes the project's network and starts the services in order, without waiting for their health.
func (e engine) up(ctx context.Context, project string, services []service) error {
	_, err := e.cli.NetworkCreate(ctx, networkOf(project), client.NetworkCreateOptions{Labels: labels(project)})
	if err != nil {
		return fmt.Errorf("creating the network: %w", err)
	}
	for _, s := range services {
		created, err := e.cli.ContainerCreate(ctx, e.serviceContainer(project, s))
		if err != nil {
			return fmt.Errorf("creating %s: %w", s.name, err)
		}
		if _, err := e.cli.ContainerStart(ctx, created.ID, client.ContainerStartOptions{}); err != nil {
			return fmt.Errorf("starting %s: %w", s.name, err)
		}
	}
	return nil
}

func (e engine) serviceContainer(project string, s service) client.ContainerCreateOptions {
	options := client.ContainerCreateOptions{
		Name:       containerOf(project, s),
		Config:     &container.Config{Image: e.image, Cmd: s.command, Labels: labels(project)},
		HostConfig: &container.HostConfig{NetworkMode: container.NetworkMode(networkOf(project))},
		NetworkingConfig: &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{
			networkOf(project): {Aliases: []string{s.name}},
		}},
	}
	if s.interval > 0 {
		options.Config.Healthcheck = &container.HealthConfig{
			Test: append([]string{"CMD"}, s.probe()...), Interval: s.interval,
		}
	}
	return options
}

func containerOf(project string, s service) string { return project + "-" + s.name + "-1" }

// healthy waits until all services with a healthcheck are healthy. The wait is never measured.
func (e engine) healthy(ctx context.Context, project string, services []service) error {
	for _, s := range services {
		for s.interval > 0 {
			result, err := e.cli.ContainerInspect(ctx, containerOf(project, s), client.ContainerInspectOptions{})
			if err != nil {
				return fmt.Errorf("looking at %s: %w", s.name, err)
			}
			state := result.Container.State
			if state.Health != nil && state.Health.Status == container.Healthy {
				break
			}
			if !state.Running {
				return fmt.Errorf("%s has ended with %d, it should serve", s.name, state.ExitCode)
			}
			if err := pause(ctx, 100*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// containers returns the IDs of all containers of a project.
func (e engine) containers(ctx context.Context, project string) (map[string]bool, error) {
	result, err := e.cli.ContainerList(ctx, client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", projectLabel+"="+project),
	})
	if err != nil {
		return nil, fmt.Errorf("listing the containers of %s: %w", project, err)
	}
	ids := make(map[string]bool, len(result.Items))
	for _, c := range result.Items {
		ids[c.ID] = true
	}
	return ids, nil
}
