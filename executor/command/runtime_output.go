package command

import (
	"io"
	"regexp"
	"strings"
	"sync"
)

// maxRuntimeOutput exceeds the size of the runtime's message about a program without a start.
const maxRuntimeOutput = 512

// outputStart keeps the start of a command's output. One goroutine writes the output.
type outputStart struct {
	text []byte
	// begun is closed at the first output, or at the end of a command without output.
	begun chan struct{}
	// begin closes begun.
	begin func()
}

func newOutputStart() *outputStart {
	s := &outputStart{begun: make(chan struct{})}
	s.begin = sync.OnceFunc(func() { close(s.begun) })
	return s
}

// of returns a writer that passes the output on.
func (s *outputStart) of(next io.Writer) io.Writer { return &startWriter{start: s, next: next} }

type startWriter struct {
	start *outputStart
	next  io.Writer
}

func (w *startWriter) Write(p []byte) (int, error) {
	if free := maxRuntimeOutput - len(w.start.text); free > 0 {
		w.start.text = append(w.start.text, p[:min(free, len(p))]...)
	}
	n, err := w.next.Write(p)
	w.start.begin()
	return n, err
}

// exitReason explains the exit code of a program without a start. The engine has started the container then, and the
// only output is the runtime's message. Empty: another output.
func (s *outputStart) exitReason() string {
	if len(s.text) == maxRuntimeOutput {
		return ""
	}
	pattern := regexp.MustCompile(`^(?:standard_init_linux\.go:\d+: exec user process caused: |exec (\S+): )` +
		`(exec format error|no such file or directory)\s*$`)
	found := pattern.FindStringSubmatch(string(s.text))
	if found == nil {
		return ""
	}
	program := strings.TrimSpace("the program " + found[1])
	if found[2] == "exec format error" {
		return program + " is not for the platform of the engine, or lacks a first line such as #!/bin/sh"
	}
	return "the interpreter of " + program + " is not in the image"
}
