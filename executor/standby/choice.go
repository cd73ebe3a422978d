// Package standby makes the container of the next run ahead. A standby is created and, where nothing can see it,
// started: its first process waits for the release, and then becomes the command.
package standby

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/planner"
	"tasks/planner/observed"
)

// Mode is the state of a container that waits for the next run.
type Mode int

const (
	// None means: the next run creates its container.
	None Mode = iota
	// Created means: the next run starts the container.
	Created
	// Started means: the next run releases the process of the container.
	Started
)

// Choice is the mode of the standby of a task. Reason explains each mode but Started.
type Choice struct {
	Mode   Mode
	Reason string
}

// Circumstances are the facts outside of the container's configuration.
type Circumstances struct {
	// IsPrivate reports whether the project is removed with each run.
	IsPrivate bool
	// Image is the image of the container.
	Image observed.Image
	// HolderError explains why the engine has no program for a waiting process; empty: the engine has.
	HolderError string
	// CopiesSources reports whether the engine gets the files of bind mounts before each creation.
	CopiesSources bool
	// IsLocal reports whether the paths of bind mounts are on this machine.
	IsLocal bool
}

// memoryOfHolder is the least memory limit for a waiting process, in bytes. The process and the command for the removal
// of its file have less than 1 MiB. The runtime of the engine has some MiB for a moment.
const memoryOfHolder = 16 << 20

// Choose chooses the mode of a standby. A started standby must not be visible for other containers, for this host or
// later for the command.
func Choose(spec planner.ContainerSpec, c Circumstances) Choice {
	switch {
	case c.IsPrivate:
		return Choice{None, "each run has a project of its own"}
	case spec.Labels[observed.LabelOwner] == "":
		return Choice{None, "the container stays after its run"}
	case c.CopiesSources && len(bindSources(spec)) > 0:
		return Choice{None, "each run copies the files of its bind mounts to the engine"}
	}
	for _, rule := range rules() {
		if reason := rule(spec, c); reason != "" {
			return Choice{Created, reason}
		}
	}
	return Choice{Mode: Started}
}

// rules return the reasons against a started standby; an empty reason means none.
func rules() []func(planner.ContainerSpec, Circumstances) string {
	return []func(planner.ContainerSpec, Circumstances) string{
		engineReason, networkReason, healthReason, namespaceReason, securityReason, resourceReason, mountReason,
	}
}

func engineReason(spec planner.ContainerSpec, c Circumstances) string {
	switch {
	case c.HolderError != "":
		return c.HolderError
	case spec.Service.Platform != "":
		return "platform chooses another image of the list"
	case spec.Service.Runtime != "":
		return "runtime is not the engine's own"
	}
	return ""
}

// networkReason is about the things that only one container can have, or that other containers see.
func networkReason(spec planner.ContainerSpec, _ Circumstances) string {
	s := spec.Service
	if len(s.Ports) > 0 {
		return "it publishes ports"
	}
	if s.MacAddress != "" {
		return "it has a fixed MAC address"
	}
	for _, n := range spec.Networks {
		if slices.ContainsFunc(n.Aliases, func(alias string) bool { return alias != spec.Name }) {
			return "other containers resolve its aliases"
		}
		if c := n.Config; c != nil && (c.Ipv4Address != "" || c.Ipv6Address != "" || c.MacAddress != "" ||
			len(c.LinkLocalIPs) > 0) {
			return "it has a fixed address in network " + n.Key
		}
	}
	if hasFixedName(spec) {
		return "it has a fixed name"
	}
	return ""
}

func healthReason(spec planner.ContainerSpec, c Circumstances) string {
	s := spec.Service
	isDisabled := s.HealthCheck != nil && (s.HealthCheck.Disable || slices.Equal(s.HealthCheck.Test, []string{"NONE"}))
	switch {
	case !isDisabled && s.HealthCheck != nil && len(s.HealthCheck.Test) > 0:
		return "it has a healthcheck"
	case !isDisabled && c.Image.HasHealthcheck:
		return "its image has a healthcheck"
	case len(s.PostStart) > 0:
		return "it has post_start hooks"
	}
	return ""
}

func namespaceReason(spec planner.ContainerSpec, _ Circumstances) string {
	s := spec.Service
	isShared := func(mode string) bool {
		return strings.HasPrefix(mode, types.ContainerPrefix) || strings.HasPrefix(mode, types.ServicePrefix)
	}
	switch {
	case isShared(s.NetworkMode):
		return "it shares the network of another container"
	case isShared(s.Ipc) || s.Ipc == "shareable":
		return "it shares the IPC namespace with another container"
	case s.Pid != "":
		return "its processes are visible outside (pid)"
	case s.Init != nil && *s.Init:
		return "the command line of its init would show the waiting process"
	}
	return ""
}

func securityReason(spec planner.ContainerSpec, _ Circumstances) string {
	if spec.Service.ReadOnly {
		return "its root is read-only"
	}
	for _, option := range spec.Service.SecurityOpt {
		if !strings.HasPrefix(option, "no-new-privileges") {
			return fmt.Sprintf("security_opt %s may forbid the waiting process", option)
		}
	}
	return ""
}

func resourceReason(spec planner.ContainerSpec, _ Circumstances) string {
	s := spec.Service
	limit := s.MemLimit
	pids := s.PidsLimit
	if s.Deploy != nil && s.Deploy.Resources.Limits != nil {
		limit = max(limit, s.Deploy.Resources.Limits.MemoryBytes)
		pids = max(pids, s.Deploy.Resources.Limits.Pids)
	}
	switch {
	case limit > 0 && limit < memoryOfHolder:
		return "its memory limit has no room for the waiting process"
	case s.CgroupParent != "":
		return "the limits of cgroup_parent hold for several containers"
	case pids > 0 && pids < 3:
		return "its limit of processes has no room"
	}
	return ""
}

// mountReason is about the mounts of a started container: they keep the files from the time of the start.
func mountReason(spec planner.ContainerSpec, c Circumstances) string {
	for _, v := range spec.Service.Volumes {
		if v.Target == "/" {
			return "it mounts over its root"
		}
	}
	if !c.IsLocal && len(bindSources(spec)) > 0 {
		return "the sources of its bind mounts are on another machine"
	}
	return ""
}
