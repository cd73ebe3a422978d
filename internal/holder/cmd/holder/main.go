//go:build linux

// Command holder is the first process of a standby. The program waits for a signal, and then becomes the command of the
// task: execve keeps the process with its id, its user, its limits and its open files.
//
// The program starts at the function entry, without the runtime of Go. So there is one thread, no handler of a signal
// and no changed limit, and the command finds the process as the engine has made it. All functions are nosplit, because
// the stack belongs to the kernel. There is no allocation and no slice.
package main

import (
	"syscall"
	"unsafe"

	"tasks/internal/holder/wire"
)

var (
	// stack is the first stack pointer: argc, the arguments, nil, the environment, nil.
	stack unsafe.Pointer
	// threadStorage stands for the thread's storage of the runtime.
	threadStorage [16]uintptr
	// candidate is a path of the command.
	candidate [pathLimit]byte
	// waited and original are sets of signals.
	waited, original uint64
	pause            = syscall.Timespec{Nsec: 1e6}
	separator        [1]byte
	// commandStart is the beginning of the command line of the first process.
	commandStart [len(ownPath)]byte
)

const (
	pathLimit = 4096
	atCwd     = ^uintptr(99) // AT_FDCWD
	setSize   = 8
	// ownPath is the path of the program, as a C string.
	ownPath = wire.Path + "\x00"
	// firstPath has the command line of the first process, as a C string.
	firstPath = "/proc/1/cmdline\x00"
)

func entry()

//go:nosplit
func ownFile() *byte { return unsafe.StringData(ownPath) }

// main keeps the parts that only the assembly uses for the linker, and never runs.
func main() {
	_ = threadStorage
	entry()
	start()
}

//go:nosplit
func start() {
	if *argument(1) == wire.Hold[0] {
		hold()
	}
	exit(removeOwnFile())
}

// hold waits for the release, and becomes the command.
//
//go:nosplit
func hold() {
	waited = bit(wire.Release) | bit(wire.Dismiss) |
		bit(syscall.SIGTERM) | bit(syscall.SIGINT) | bit(syscall.SIGHUP) | bit(syscall.SIGQUIT)
	syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, 0, address(&waited), address(&original), setSize, 0, 0) // SIG_BLOCK
	file, _, _ := syscall.RawSyscall6(
		syscall.SYS_OPENAT, atCwd, pointer(ownFile()), syscall.O_RDONLY|syscall.O_CLOEXEC, 0, 0, 0,
	)
	// The lock tells the other mode of the program that this process listens.
	syscall.RawSyscall(syscall.SYS_FLOCK, file, syscall.LOCK_EX, 0)
	for {
		received, _, _ := syscall.RawSyscall6(syscall.SYS_RT_SIGTIMEDWAIT, address(&waited), 0, 0, setSize, 0, 0)
		if received == uintptr(wire.Release) {
			break
		}
		if received == uintptr(wire.Dismiss) {
			refuse() // a release may be under way
		}
		if received > 0 && received <= 64 {
			exit(128 + received)
		}
	}
	syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, 2, address(&original), 0, setSize, 0, 0) // SIG_SETMASK
	if _, _, failure := syscall.RawSyscall(syscall.SYS_CHDIR, pointer(argument(wire.Directory)), 0, 0); failure == 0 {
		execute(argument(wire.Command))
	}
	refuse()
}

// refuse ends the program. The refusal has the token of this standby between two zero bytes. No command has begun.
//
//go:nosplit
func refuse() {
	token := argument(wire.Token)
	write(&separator[0], 1)
	write(token, length(token))
	write(&separator[0], 1)
	exit(wire.Refused)
}

// execute looks for the command as runc does, and returns only if the command cannot be executed.
//
//go:nosplit
func execute(name *byte) {
	if contains(name, '/') {
		execve(name)
		return
	}
	directory := searchPath()
	if directory == nil || *name == 0 {
		return
	}
	for {
		end := elementLength(directory)
		isPlain := fill(directory, end, name)
		if isExecutable(&candidate[0]) {
			if !isPlain {
				return // the engine decides about such a path
			}
			if execve(&candidate[0]) != syscall.EACCES {
				return
			}
		}
		if *at(directory, end) == 0 {
			return
		}
		directory = at(directory, end+1)
	}
}

// fill joins a directory and a name in candidate. fill reports whether the path is absolute and in its shortest form.
//
//go:nosplit
func fill(directory *byte, size uintptr, name *byte) (isPlain bool) {
	total := length(name)
	if size == 0 || *directory != '/' || size+total+2 > pathLimit {
		candidate[0] = 0
		return false
	}
	isPlain = true
	for i := uintptr(0); i < size; i++ {
		c := *at(directory, i)
		if i > 0 && *at(directory, i-1) == '/' && (c == '/' || c == '.') {
			isPlain = false
		}
		*at(&candidate[0], i) = c
	}
	if size > 1 && *at(directory, size-1) == '/' {
		size--
	}
	if size > 1 {
		*at(&candidate[0], size) = '/'
		size++
	}
	for i := uintptr(0); i <= total; i++ {
		*at(&candidate[0], size+i) = *at(name, i)
	}
	return isPlain
}

// removeOwnFile removes the file of the program as soon as the other process listens. The result is an exit code.
//
//go:nosplit
func removeOwnFile() (code uintptr) {
	file, _, failure := syscall.RawSyscall6(
		syscall.SYS_OPENAT, atCwd, pointer(ownFile()), syscall.O_RDONLY|syscall.O_CLOEXEC, 0, 0, 0,
	)
	if failure != 0 {
		return wire.Failed
	}
	if !isFirst() {
		return wire.Failed
	}
	for tries := 0; tries < wire.ReadyTries; tries++ {
		_, _, failure = syscall.RawSyscall(syscall.SYS_FLOCK, file, syscall.LOCK_EX|syscall.LOCK_NB, 0)
		if failure == syscall.EWOULDBLOCK {
			_, _, failure = syscall.RawSyscall(syscall.SYS_UNLINKAT, atCwd, pointer(ownFile()), 0)
			if failure != 0 {
				return wire.Failed
			}
			return 0
		}
		syscall.RawSyscall(syscall.SYS_FLOCK, file, syscall.LOCK_UN, 0)
		syscall.RawSyscall(syscall.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&pause)), 0, 0)
	}
	return wire.Failed
}

// isFirst reports whether the waiting process is the first of the container. The engine's own init would show the
// waiting process in its command line.
//
//go:nosplit
func isFirst() bool {
	file, _, failure := syscall.RawSyscall6(
		syscall.SYS_OPENAT, atCwd, pointer(unsafe.StringData(firstPath)), syscall.O_RDONLY|syscall.O_CLOEXEC, 0, 0, 0,
	)
	if failure != 0 {
		return false
	}
	syscall.RawSyscall(syscall.SYS_READ, file, pointer(&commandStart[0]), uintptr(len(ownPath)))
	for i := uintptr(0); i < uintptr(len(ownPath)); i++ {
		if *at(&commandStart[0], i) != *at(ownFile(), i) {
			return false
		}
	}
	return true
}
