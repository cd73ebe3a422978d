package docker

import (
	"errors"
	"regexp"
	"strings"
	"sync"

	"tasks/executor/docker/build"
	"tasks/executor/engine"
)

// knownRejection is a message of engines with its words. $1 and so on are groups of the pattern.
type knownRejection struct {
	pattern *regexp.Regexp
	// fact and remedy are templates. attribute is the path of the cause, with words that may be templates, separated by
	// blanks.
	fact, remedy, attribute string
}

// knownRejections lists the messages of engines from 20.10 to the current one, the special before the general. The
// messages of both are in rejections_test.go.
var knownRejections = sync.OnceValue(func() []knownRejection {
	var all []knownRejection
	add := func(pattern, fact, remedy, attribute string) {
		all = append(all, knownRejection{regexp.MustCompile(pattern), fact, remedy, attribute})
	}
	addContainerRejections(add)
	addProcessRejections(add)
	addLimitRejections(add)
	addResourceRejections(add)
	return all
})

// addContainerRejections adds the messages about users, mounts, devices and drivers.
func addContainerRejections(add func(pattern, fact, remedy, attribute string)) {
	const (
		noUser = "use a number, or a name of the image's /etc/passwd"
		gone   = "start that container first, or correct the name"
	)
	add(`unable to find user (\S+?): (?:no matching|invalid)`, "the image has no user $1", noUser, "user")
	add(`Unable to find group (\S+?): no matching`,
		"the image has no group $1", "use a number, or a name of the image's /etc/group",
		"group_add")
	add(`unable to find group (\S+?): no matching`,
		"the image has no group $1", "use a number, or a name of the image's /etc/group",
		"user")
	add(`bind source path does not exist: (.+)`, "bind source $1 does not exist", "", "volumes")
	add(`(?s)error mounting "([^"]+)" to rootfs at "([^"]+)".*not a directory`,
		"$1 cannot be mounted on $2: one is a file, the other one a directory", "", "volumes $2")
	add(`Cannot mkdir: (.+) is not a directory`, "the image has a file at $1, and no directory", "", "working_dir")
	add(`error gathering device information while adding custom device "([^"]+)": no such file`,
		"the machine of the engine has no device $1", "", "devices")
	add(`could not select device driver "" with capabilities: \[\[([^\]]*)\]\]`,
		"the engine has no driver for the devices: $1", "", "")
	add(`no known GPU vendor found`, "the engine has no driver for GPUs", "", "")
	add(`could not select device driver "([^"]+)"`, "the engine has no device driver $1", "", "")
	add(`(?:Unknown runtime specified|unknown or invalid runtime name:) (\S+)`, "the engine has no runtime $1",
		"`docker info` lists the runtimes", "runtime")
	add(`error looking up logging plugin ([^:]+): `,
		"the engine has no logging driver $1", "`docker info` lists the drivers", "logging driver")
	add(`image with reference (\S+) was found but does not (?:match|provide) the specified platform`+
		`(?:: wanted | \()([^,)]+)`,
		"image $1 is not made for the platform $2", "", "platform")
	add(`No such container: (\S+)`, "there is no container $1", gone, "")
	add(`cannot join network (?:namespace )?of a non running container: (?:container )?(\S+)`,
		"container $1 does not run", gone, "network_mode")
}

// runtimeExec begins the messages of the runtime about a command. Programs of this machine, such as credential helpers,
// fail with similar words.
const runtimeExec = `container process(?: caused)?: (?:error during container init: )?exec: `

// addProcessRejections adds the messages of the runtime about the command.
func addProcessRejections(add func(pattern, fact, remedy, attribute string)) {
	const program = runtimeExec + `("(?:[^"\\]|\\.)*"): (?:stat \S+: )?`
	add(program+`exec format error`, "$1 is no program for the platform of the engine (exec format error)",
		"use an image for this platform, or give a script a first line such as #!/bin/sh", "")
	add(program+`(permission denied|is a directory)`, "$1 is not executable in the image ($2)", "", "")
	add(program+`([^:]+)`, "$1 is not in the image ($2)", "", "")
}

// addLimitRejections adds the messages about limits and privileges.
func addLimitRejections(add func(pattern, fact, remedy, attribute string)) {
	add(`invalid CapAdd: unknown capability: "(?:CAP_)?([^"]+)"`, "there is no capability $1", "", "cap_add")
	add(`invalid CapDrop: unknown capability: "(?:CAP_)?([^"]+)"`, "there is no capability $1", "", "cap_drop")
	add(`Minimum memory limit allowed is (\d+)MB`,
		"the memory limit is too low: the engine wants at least $1 MB", "", "mem_limit")
	add(`(?i)range of CPUs is from ([\d.]+) to ([\d.]+)`, "this engine takes from $1 to $2 cpus", "", "cpus")
	add(`Requested CPUs are not available - requested (\S+), available: (\S+)`,
		"there are no CPUs $1: the engine has $2", "", "cpuset")
	add(`open (/proc/sys/\S+): no such file or directory`, "the kernel of the engine has no $1", "", "sysctls")
	add(`open sysctl (\S+) file: .*no such file or directory`,
		"the kernel of the engine has no sysctl $1", "", "sysctls")
	add(`(?:wrong|invalid) rlimit (?:value|type): (?:RLIMIT_)?(\S+?)(?::|$)`, "there is no ulimit $1", "", "ulimits")
}

// addResourceRejections adds the messages about names, networks, volumes and space.
func addResourceRejections(add func(pattern, fact, remedy, attribute string)) {
	const freeRange = "remove unused networks with `docker network prune`, " +
		"add `default-address-pools` to the engine's daemon.json, or set ipam.config.subnet"
	add(`no space left on device`, "the disk of the engine is full (no space left on device)",
		"`docker system df` shows the use, `docker system prune` removes what is unused", "")
	add(`(?:listen \w+|failed to bind host port) \[?([0-9a-f.:]+?)\]?:(\d+)(?:/\w+)?: (?:bind: )?`+
		`cannot assign requested address`,
		"port $2 cannot be published on $1: the machine of the engine has no such address", "", "ports")
	add(`could not find an available, non-overlapping IPv4 address pool|`+
		`all predefined address pools have been fully subnetted`,
		"the engine has no free address range for the network", freeRange, "")
	add(`Pool overlaps with other one on this address space`,
		"the subnet overlaps with another network of the engine",
		"choose another subnet, or remove that network", "ipam config 0 subnet")
	add(`Invalid address (\S+): It does not belong to any of this network's subnets`,
		"no subnet of the network has the address $1", "",
		"networks")
	add(`no configured subnet (?:or ip-range )?contains? (?:the )?IP address (\S+)`,
		"no subnet of the network has the address $1", "",
		"networks")
	add(`^(?:.*: )?Address already in use$`, "another container of the network has the address", "", "networks")
	add(`error looking up volume plugin ([^:]+): `, "the engine has no volume driver $1", "", "")
	add(`plugin "([^"]+)" not found`, "the engine has no network driver $1", "", "driver")
	add(`failed to mount local volume: mount ([^:]+):\S+, flags: \S+: (.+)`,
		"the device $1 of a volume cannot be mounted ($2)", "", "")
}

// explainRejection returns a [engine.Rejection] for a known message of the engine, else the same error.
func explainRejection(err error) error {
	if _, ok := errors.AsType[*engine.Rejection](err); ok {
		return err
	}
	if _, ok := errors.AsType[*engine.PortTakenError](err); ok {
		return err
	}
	_, isPull := errors.AsType[*pullError](err)
	if _, isBuild := errors.AsType[*build.Error](err); isBuild || isPull { // both have words of their own
		return err
	}
	message := err.Error()
	for _, known := range knownRejections() {
		at := known.pattern.FindStringSubmatchIndex(message)
		if at == nil {
			continue
		}
		expand := func(template string) string {
			return strings.TrimSpace(string(known.pattern.ExpandString(nil, template, message, at)))
		}
		rejection := &engine.Rejection{Fact: expand(known.fact), Remedy: known.remedy, Err: err}
		for word := range strings.FieldsSeq(known.attribute) {
			rejection.Attribute = append(rejection.Attribute, expand(word))
		}
		if strings.HasPrefix(known.pattern.String(), runtimeExec) {
			rejection.Program = strings.ReplaceAll(strings.Trim(expand("$1"), `"`), `\"`, `"`)
		}
		return rejection
	}
	return err
}

// runtimeNoise matches the words of engine and runtime before the reason of a failed start.
var runtimeNoise = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`failed to create (?:task for container|shim task|shim): |` +
		`OCI runtime \w+ failed: |` +
		`runc (?:create|run) failed: |container_linux\.go:\d+: |process_linux\.go:\d+: |` +
		`starting container process caused: |unable to start container process: |` +
		`error during container init: |container init caused: |: unknown$`)
})

// withoutRuntimeNoise keeps the reason of a failed start.
func withoutRuntimeNoise(text string) string { return runtimeNoise().ReplaceAllString(text, "") }
