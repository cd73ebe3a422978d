package engine

import "time"

// Description is a report of an engine about itself (GET /version and /info, API 1.40).
type Description struct {
	// Name is the product, such as "Docker Engine" or "Podman Engine".
	Name, Version, APIVersion string
	// OS and Arch are Go's names, System the name of the distribution, such as "Docker Desktop".
	OS, Arch, System string
	// RootDir is the directory of images and containers on the engine's machine.
	RootDir string
	// Skew is the engine's clock minus the local clock, known to half of the time of a request.
	Skew time.Duration
	// SubnetCount is the number of subnets in the engine's address pools, UsedSubnets the number of subnets in use.
	SubnetCount, UsedSubnets int
	// Warnings are the engine's own, such as a missing limit of memory.
	Warnings []string
	// ImageStore is the driver of the image store. IsContainerd reports whether the store is the one of containerd.
	ImageStore   string
	IsContainerd bool
	// Swarm is the engine's part in a Docker Swarm.
	Swarm Swarm
}

// Swarm is the part of an engine in a Docker Swarm.
type Swarm struct {
	// State is the engine's word: "inactive", "active", "pending", "error", "locked". Error is the reason for the state.
	State, Error string
	// IsManager reports whether the engine is a manager. Only a manager knows Nodes.
	IsManager bool
	Nodes     []SwarmMember
}

// Usage is the used space of an engine, in bytes.
type Usage struct {
	// Images, Volumes and BuildCache are the whole sizes. Unused is the part of all that no container uses.
	Images, Volumes, BuildCache, Unused int64
}

// SwarmMember is a node of a Docker Swarm with its address, as a manager knows the node.
type SwarmMember struct {
	// Name is the host name, Address the address in the network of the swarm.
	Name, Address string
	// State is "ready", "down", "unknown" or "disconnected", Message its reason. Availability is "active", "pause" or
	// "drain".
	State, Message, Availability string
	Labels                       map[string]string
}

// ClientConfig is the part of the docker command's configuration that this program uses.
type ClientConfig struct {
	// File is the path of the configuration, whether or not the file exists.
	File string
	// Address is the address of the engine, Origin the setting that chose the address.
	Address, Origin string
	// CredentialHelpers are the programs that keep credentials of registries, such as docker-credential-pass.
	CredentialHelpers []string
}
