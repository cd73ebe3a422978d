//go:build linux

package main

import (
	"syscall"
	"unsafe"

	"tasks/internal/holder/wire"
)

// word is the size of a pointer.
const word = unsafe.Sizeof(uintptr(0))

// argument returns an argument of the program.
//
//go:nosplit
func argument(i uintptr) *byte { return *(**byte)(unsafe.Add(stack, word*(i+1))) }

// commandLine returns the arguments of the command, and the environment behind all arguments.
//
//go:nosplit
func commandLine(first uintptr) (arguments, environment unsafe.Pointer) {
	count := *(*uintptr)(stack)
	return unsafe.Add(stack, word*(first+1)), unsafe.Add(stack, word*(count+2))
}

// searchPath returns the value of PATH; nil: there is none.
//
//go:nosplit
func searchPath() *byte {
	_, environment := commandLine(0)
	for {
		entry := *(**byte)(environment)
		if entry == nil {
			return nil
		}
		if *entry == 'P' && *at(entry, 1) == 'A' && *at(entry, 2) == 'T' && *at(entry, 3) == 'H' && *at(entry, 4) == '=' {
			return at(entry, 5)
		}
		environment = unsafe.Add(environment, word)
	}
}

//go:nosplit
func at(text *byte, i uintptr) *byte { return (*byte)(unsafe.Add(unsafe.Pointer(text), i)) }

//go:nosplit
func length(text *byte) (n uintptr) {
	for *at(text, n) != 0 {
		n++
	}
	return n
}

// elementLength returns the length of the first element of a search path.
//
//go:nosplit
func elementLength(text *byte) (n uintptr) {
	for c := *text; c != 0 && c != ':'; c = *at(text, n) {
		n++
	}
	return n
}

//go:nosplit
func contains(text *byte, wanted byte) bool {
	for i := uintptr(0); *at(text, i) != 0; i++ {
		if *at(text, i) == wanted {
			return true
		}
	}
	return false
}

//go:nosplit
func bit(signal syscall.Signal) uint64 { return 1 << (uint(signal) - 1) }

//go:nosplit
func address(set *uint64) uintptr { return uintptr(unsafe.Pointer(set)) }

//go:nosplit
func pointer(text *byte) uintptr { return uintptr(unsafe.Pointer(text)) }

//go:nosplit
func isExecutable(path *byte) bool {
	_, _, failure := syscall.RawSyscall(syscall.SYS_FACCESSAT, atCwd, pointer(path), 1) // X_OK
	return failure == 0
}

//go:nosplit
func write(text *byte, size uintptr) { syscall.RawSyscall(syscall.SYS_WRITE, 2, pointer(text), size) }

//go:nosplit
func exit(code uintptr) { syscall.RawSyscall(syscall.SYS_EXIT_GROUP, code, 0, 0) }

// execve executes a program with the arguments of the command.
//
//go:nosplit
func execve(path *byte) syscall.Errno {
	arguments, environment := commandLine(wire.Command)
	_, _, failure := syscall.RawSyscall(syscall.SYS_EXECVE, pointer(path), uintptr(arguments), uintptr(environment))
	return failure
}
