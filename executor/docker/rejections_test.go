package docker

import (
	"errors"
	"strings"
	"testing"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
)

const (
	// ociOld and ociNew are the words before the reason of a failed start: of an engine 20.10, and of API 1.56.
	ociOld = "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
	ociNew = "failed to create task for container: " + ociOld + "error during container init: "
)

// recordedRejections are messages of engines, recorded from 20.10.24 and from API 1.56, with the words of this program and
// the attribute with the cause. A message of both engines stands once.
func recordedRejections() []struct{ message, want, attribute string } {
	return []struct{ message, want, attribute string }{
		{"unable to find user nosuch: no matching entries in passwd file",
			"the image has no user nosuch: use a number, or a name of the image's /etc/passwd", "user"},
		{"unable to find group nosuch: no matching entries in group file",
			"the image has no group nosuch: use a number, or a name of the image's /etc/group", "user"},
		{"Unable to find group nosuch: no matching entries in group file",
			"the image has no group nosuch: use a number, or a name of the image's /etc/group", "group_add"},
		{`invalid mount config for type "bind": bind source path does not exist: /nonexistent/ux`,
			"bind source /nonexistent/ux does not exist", "volumes"},
		{ociOld + `error during container init: error mounting "/p/noexec" to rootfs at "/bin": mount /p/noexec:/bin (via ` +
			`/proc/self/fd/6), flags: 0x5000: not a directory: unknown: Are you trying to mount a directory onto a file (or ` +
			`vice-versa)? Check if the specified host path exists and is the expected type`,
			"/p/noexec cannot be mounted on /bin: one is a file, the other one a directory", "volumes /bin"},
		{ociNew + `error mounting "/p/noexec" to rootfs at "/bin": mount src=/p/noexec, dst=/bin, dstFd=/proc/thread-self/fd/16, ` +
			`flags=MS_BIND|MS_REC: not a directory: Are you trying to mount a directory onto a file (or vice-versa)? Check`,
			"/p/noexec cannot be mounted on /bin: one is a file, the other one a directory", "volumes /bin"},
		{ociOld + `exec: "/f": permission denied: unknown`, `"/f" is not executable in the image (permission denied)`, ""},
		{ociNew + `exec: "/f": permission denied`, `"/f" is not executable in the image (permission denied)`, ""},
		{ociOld + `exec: "/nope": stat /nope: no such file or directory: unknown`,
			`"/nope" is not in the image (no such file or directory)`, ""},
		{ociNew + `exec: "/nope": stat /nope: no such file or directory`, `"/nope" is not in the image (no such file or directory)`, ""},
		{ociOld + `exec: "--rm": executable file not found in $PATH: unknown`,
			`"--rm" is not in the image (executable file not found in $PATH)`, ""},
		{ociNew + `exec: "--rm": executable file not found in $PATH`, `"--rm" is not in the image (executable file not found in $PATH)`, ""},
		{ociNew + `exec: "/etc": is a directory: permission denied`, `"/etc" is not executable in the image (is a directory)`, ""},
		{ociNew + `exec: "/f": exec format error`, `"/f" is no program for the platform of the engine (exec format error): use an image ` +
			`for this platform, or give a script a first line such as #!/bin/sh`, ""},
		{"Cannot mkdir: /bin/sh is not a directory", "the image has a file at /bin/sh, and no directory", "working_dir"},
		{"Unknown runtime specified nosuch", "the engine has no runtime nosuch: `docker info` lists the runtimes", "runtime"},
		{"unknown or invalid runtime name: nosuch", "the engine has no runtime nosuch: `docker info` lists the runtimes", "runtime"},
		{`error gathering device information while adding custom device "/dev/nosuch": no such file or directory`,
			"the machine of the engine has no device /dev/nosuch", "devices"},
		{`invalid CapAdd: unknown capability: "CAP_NOSUCH"`, "there is no capability NOSUCH", "cap_add"},
		{`invalid CapDrop: unknown capability: "CAP_NOSUCH"`, "there is no capability NOSUCH", "cap_drop"},
		{"Minimum memory limit allowed is 6MB", "the memory limit is too low: the engine wants at least 6 MB", "mem_limit"},
		{"Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available", "this engine takes from 0.01 to 2.00 cpus", "cpus"},
		{"range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available", "this engine takes from 0.01 to 2.00 cpus", "cpus"},
		{"Requested CPUs are not available - requested 77, available: 0-1", "there are no CPUs 77: the engine has 0-1", "cpuset"},
		{ociOld + "error during container init: open /proc/sys/net/nosuch: no such file or directory: unknown",
			"the kernel of the engine has no /proc/sys/net/nosuch", "sysctls"},
		{ociNew + "open sysctl net.nosuch file: unsafe procfs detected: openat2 fsmount:fscontext:proc/./sys/net/nosuch: no such file " +
			"or directory", "the kernel of the engine has no sysctl net.nosuch", "sysctls"},
		{"failed to create shim task: OCI runtime create failed: runc create failed: wrong rlimit value: RLIMIT_NOSUCH: unknown",
			"there is no ulimit NOSUCH", "ulimits"},
		{`error looking up logging plugin nosuch: plugin "nosuch" not found`,
			"the engine has no logging driver nosuch: `docker info` lists the drivers", "logging driver"},
		{"driver failed programming external connectivity on endpoint x (abc): Error starting userland proxy: listen tcp4 " +
			"198.51.100.7:18097: bind: cannot assign requested address",
			"port 18097 cannot be published on 198.51.100.7: the machine of the engine has no such address", "ports"},
		{"failed to set up container networking: driver failed programming external connectivity on endpoint x (abc): failed to " +
			"bind host port 198.51.100.7:18097/tcp: cannot assign requested address",
			"port 18097 cannot be published on 198.51.100.7: the machine of the engine has no such address", "ports"},
		{"Pool overlaps with other one on this address space",
			"the subnet overlaps with another network of the engine: choose another subnet, or remove that network", "ipam config 0 subnet"},
		{"invalid pool request: Pool overlaps with other one on this address space",
			"the subnet overlaps with another network of the engine: choose another subnet, or remove that network", "ipam config 0 subnet"},
		{"could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
			"the engine has no free address range for the network: remove unused networks with `docker network prune`, add " +
				"`default-address-pools` to the engine's daemon.json, or set ipam.config.subnet", ""},
		{"all predefined address pools have been fully subnetted",
			"the engine has no free address range for the network: remove unused networks with `docker network prune`, add " +
				"`default-address-pools` to the engine's daemon.json, or set ipam.config.subnet", ""},
		{`plugin "nosuch" not found`, "the engine has no network driver nosuch", "driver"},
		{"Invalid address 10.9.9.9: It does not belong to any of this network's subnets",
			"no subnet of the network has the address 10.9.9.9", "networks"},
		{"invalid config for network x: invalid endpoint settings:\nno configured subnet contains IP address 10.9.9.9",
			"no subnet of the network has the address 10.9.9.9", "networks"},
		{"Address already in use", "another container of the network has the address", "networks"},
		{"failed to set up container networking: Address already in use", "another container of the network has the address", "networks"},
		{`create x: error looking up volume plugin nosuch: plugin "nosuch" not found`, "the engine has no volume driver nosuch", ""},
		{"error while mounting volume '/var/lib/docker/volumes/wol/_data': failed to mount local volume: mount " +
			"/nonexistent/dev:/var/lib/docker/volumes/wol/_data, flags: 0x1000: no such file or directory",
			"the device /nonexistent/dev of a volume cannot be mounted (no such file or directory)", ""},
		{`could not select device driver "" with capabilities: [[gpu]]`, "the engine has no driver for the devices: gpu", ""},
		{`could not select device driver "nvidia" with capabilities: [[gpu]]`, "the engine has no device driver nvidia", ""},
		{"failed to discover GPU vendor from CDI: no known GPU vendor found", "the engine has no driver for GPUs", ""},
		{"joining network namespace of container: No such container: nosuch",
			"there is no container nosuch: start that container first, or correct the name", ""},
		{"cannot join network of a non running container: 25d1a5026882",
			"container 25d1a5026882 does not run: start that container first, or correct the name", "network_mode"},
		{"cannot join network namespace of a non running container: container words-dead is created",
			"container words-dead does not run: start that container first, or correct the name", "network_mode"},
		{"image with reference x:1 was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64",
			"image x:1 is not made for the platform linux/arm64", "platform"},
		{"image with reference x:1 was found but does not provide the specified platform (linux/arm64)",
			"image x:1 is not made for the platform linux/arm64", "platform"},
		{"mkdir /var/lib/docker/overlay2/x: no space left on device", "the disk of the engine is full (no space left on device): " +
			"`docker system df` shows the use, `docker system prune` removes what is unused", ""},
	}
}

// TestRejections: the messages of both generations of engines become words of this program, with the attribute of the cause.
// The class of the error stays.
func TestRejections(t *testing.T) {
	for _, test := range recordedRejections() {
		raw := &classifiedError{err: errors.New("Error response from daemon: " + test.message), class: errdefs.ErrConflict}
		err := (&apiConnection{}).wrapError(t.Context(), "start container x", raw)
		if err.Error() != test.want {
			t.Errorf("%s\n%s, want\n%s", test.message, err, test.want)
		}
		rejection, ok := errors.AsType[*engine.Rejection](err)
		if !ok || strings.Join(rejection.Attribute, " ") != test.attribute || !errdefs.IsConflict(err) {
			t.Errorf("%s: attribute %q, want %q", test.message, rejection.Attribute, test.attribute)
		}
	}
}

// TestUnknownRejection: other messages keep the operation, without the words of the runtime before the reason.
func TestUnknownRejection(t *testing.T) {
	for message, want := range map[string]string{
		"something else":                 "start container x: something else",
		ociOld + "seccomp: bad: unknown": "start container x: seccomp: bad",
		`exec: "docker-credential-x": executable file not found in $PATH`: "start container x: " +
			`exec: "docker-credential-x": executable file not found in $PATH`,
		ociNew + "apparmor: no profile y": "start container x: apparmor: no profile y",
	} {
		if err := (&apiConnection{}).wrapError(t.Context(), "start container x", errors.New(message)); err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}

// TestProgramOfRejection: the program of a command that does not start is known to the callers.
func TestProgramOfRejection(t *testing.T) {
	err := explainRejection(errors.New(ociOld + `exec: "--a\"b": executable file not found in $PATH: unknown`))
	if rejection, ok := errors.AsType[*engine.Rejection](err); !ok || rejection.Program != `--a"b` {
		t.Errorf("%v", err)
	}
}
