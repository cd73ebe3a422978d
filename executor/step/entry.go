package step

import (
	"context"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/planner"
)

// Entry is a resource of the engine that a run made or stopped.
type Entry struct {
	Kind EntryKind
	// ID is the engine's id, or the name of a volume. Name is for the user.
	ID, Name string
	// HasOtherName reports whether the engine may know the container by another name: commands for the user have the id.
	HasOtherName bool
	OneOff       *OneOff
	// Project is the compose project of the resource; the ledger sets Project.
	Project string
	// IsTransient reports whether the last run with a lease removes the resource. This run need not be the last.
	IsTransient bool
	// Lease is the name of the lease on the resource; empty: none.
	Lease string
}

// EntryKind is the kind of an entry.
type EntryKind int

const (
	NetworkEntry EntryKind = iota
	VolumeEntry
	ServiceEntry
	OneOffEntry
	HelperEntry
	// HookEntry is the container of a pre_start hook.
	HookEntry
	// StoppedServiceEntry is a container in operation before this run, or its replacement, that this run stopped.
	StoppedServiceEntry
)

// OneOff is the container of a task.
type OneOff struct {
	ID, Name       string
	Step           planner.StepID
	TTY            bool
	Stdin          bool
	RemoveAfterRun bool
	// PostStart are the hooks of the service.
	PostStart []types.ServiceHook
	// Ports are the published ports. Locate returns the place of an attribute; nil: unknown.
	Ports       []types.ServicePortConfig
	Locate      func(path ...string) string
	GracePeriod time.Duration
	// Held is the waiting process of a started standby; nil: the container has to be started.
	Held *Held
	// IsStarted reports whether the command has begun: then rm = false keeps the container.
	IsStarted bool
	// IsRemoved reports whether the container is removed already.
	IsRemoved bool
}

// Held is the connection to a container that waits for its release.
type Held struct {
	Attachment engine.Attachment
	Exit       <-chan engine.Exit
	// Release makes the command begin. outputBegun is closed at the first output of the command.
	Release func(ctx context.Context, outputBegun <-chan struct{}) error
	// Refusal is the output of a process that could not become the command. The command has not begun then.
	Refusal string
	// Close ends the connection. A second call does nothing.
	Close func()
}

// Replacement is a container with the place and the name of another container. WasRunning reports whether the other
// container was in operation.
type Replacement struct {
	ID, Name   string
	WasRunning bool
}
