package view

import (
	"fmt"
	"slices"
	"strings"

	"tasks/internal/plaintext"
)

const (
	codeNotExecutable = 126
	codeNotFound      = 127
	codeOfSignal      = 128 // plus the number of the signal
)

// exitCodeText renders an exit code with its meaning and the reason; an empty reason is unknown.
func exitCodeText(code int, reason string) string {
	text := fmt.Sprintf("exit code %d", code)
	parts := []string{exitCodeMeaning(code), plaintext.Escape(reason)}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text
}

// PrintOneOffEnd writes the end of a one-off to stderr. The task may be empty. An error is the reason why the exit code
// is unknown.
func PrintOneOffEnd(p *Printer, container, task string, code int, err error) {
	subject := "container " + plaintext.Escape(container)
	if task != "" {
		subject += " of task " + plaintext.Escape(task)
	}
	if err != nil {
		p.printErrLine(subject + "  " + plaintext.Message(p.Mask(err.Error())))
		return
	}
	p.printErrLine(subject + "  " + exitCodeText(code, ""))
}

// exitCodeMeaning returns the meaning of an exit code by the convention of shells; empty: none. Source: POSIX, Shell
// Command Language, 2.8.2.
func exitCodeMeaning(code int) string {
	switch name := signalNames()[code-codeOfSignal]; {
	case code == codeNotExecutable:
		return "a command is not executable"
	case code == codeNotFound:
		return "a command was not found"
	case name != "":
		return "killed by " + name
	}
	return ""
}

// signalNames has the signals that end a process, by the numbers of Linux.
func signalNames() map[int]string {
	return map[int]string{
		1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
		9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
	}
}

// isSignalCode reports whether an exit code stands for a signal.
func isSignalCode(code int) bool { return signalNames()[code-codeOfSignal] != "" }
