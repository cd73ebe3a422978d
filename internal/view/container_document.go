package view

import (
	"time"

	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/planner/observed"
)

// ContainerListDocument is the document of `tasks ps --json`.
type ContainerListDocument struct {
	FormatVersion int    `json:"format_version"`
	Project       string `json:"project"`
	// Containers are sorted by name. The list is never nil.
	Containers []ListedContainer `json:"containers"`
}

// ListedContainer is a container of the project or of a run.
type ListedContainer struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Node is the node of the container, on an engine with several nodes.
	Node     string `json:"node,omitempty"`
	Service  string `json:"service,omitempty"`
	Image    string `json:"image,omitempty"`
	State    string `json:"state"`
	Health   string `json:"health,omitempty"`
	ExitCode *int   `json:"exit_code,omitempty"`
	// Created is a time in RFC 3339.
	Created string       `json:"created,omitempty"`
	Ports   []ListedPort `json:"ports,omitempty"`
	// OneOff reports a one-off, Task the task of the one-off.
	OneOff bool   `json:"one_off,omitempty"`
	Task   string `json:"task,omitempty"`
	// Kept reports a one-off without an owner.
	Kept           bool         `json:"kept,omitempty"`
	Owner          *ListedOwner `json:"owner,omitempty"`
	Policy         string       `json:"policy,omitempty"`
	PrivateProject string       `json:"private_project,omitempty"`
	ProbeOf        string       `json:"probe_of,omitempty"`
}

// ListedPort is a published port.
type ListedPort struct {
	HostIP        string `json:"host_ip,omitempty"`
	HostPort      int    `json:"host_port"`
	ContainerPort int    `json:"container_port"`
	Protocol      string `json:"protocol"`
}

// ListedOwner is the process that owns a container.
type ListedOwner struct {
	PID  int    `json:"pid"`
	Host string `json:"host"`
}

// PrintJSON writes the document of `tasks ps --json` to stdout.
func (l ContainerList) PrintJSON(p *Printer) error { return PrintJSON(p, l.Document()) }

// Document makes the document of a list.
func (l ContainerList) Document() ContainerListDocument {
	doc := ContainerListDocument{FormatVersion: FormatVersion, Project: l.Project, Containers: []ListedContainer{}}
	for _, c := range l.Containers {
		doc.Containers = append(doc.Containers, newListedContainer(c))
	}
	return doc
}

func newListedContainer(c *observed.Container) ListedContainer {
	listed := ListedContainer{
		ID: c.ID, Name: c.Name, Node: c.Node, Service: c.Service(), Image: c.Image, State: string(c.State), Health: c.Health,
		OneOff: c.IsOneOff(), Task: c.Labels[observed.LabelTask], Policy: c.Labels[observed.LabelPolicy],
		ProbeOf: c.Labels[observed.LabelProbe],
	}
	if c.State.HasExited() {
		listed.ExitCode = &c.ExitCode
	}
	if c.CreatedAt.Unix() > 0 {
		listed.Created = c.CreatedAt.UTC().Format(time.RFC3339)
	}
	for _, p := range c.Ports {
		listed.Ports = append(listed.Ports, ListedPort{p.HostIP, p.HostPort, p.ContainerPort, p.Protocol})
	}
	if owner, ok := coord.ParseOwner(c.Labels[observed.LabelOwner]); ok {
		listed.Owner = &ListedOwner{PID: owner.Pid, Host: owner.Host}
	}
	listed.Kept = listed.OneOff && listed.Owner == nil
	if c.Labels[observed.LabelOriginal] != "" {
		listed.PrivateProject = c.Labels[composeproject.LabelProject]
	}
	return listed
}
