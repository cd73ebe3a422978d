// Command tasks is a declarative task runner: Tasks.hcl beside compose.yaml names a team's one-off runs, and `tasks run`
// performs them on the Docker Engine, with the services that they need.
package main

import (
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"

	"github.com/sirupsen/logrus"
)

func main() {
	os.Exit(run())
}

// gcPercent lets the heap grow to five times what is in use, which here is some megabytes.
const gcPercent = 400

// run is main with an exit code.
func run() int {
	// Most calls live for a moment and would collect garbage several times before they have begun.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	// A reader that has gone must not kill us before we have cleaned up: writes then fail instead. A handler, unlike
	// ignoring, is not inherited by commands.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	// The compose loader warns through this logger: of variables that are not set, of two files where one was expected.
	logrus.SetFormatter(&warningFormatter{printed: map[string]bool{}})
	cwd, err := os.Getwd()
	if err != nil {
		os.Stderr.WriteString("tasks: cannot tell the working directory: " + err.Error() + "\n")
		return codeUsage
	}
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ(), cwd: cwd, secrets: &secretHolder{}, storeMu: &sync.Mutex{}}
	return a.main(os.Args[1:])
}

// warningFormatter makes the loader's words look like ours, and tells each once: a project may be loaded more than once.
type warningFormatter struct {
	mu      sync.Mutex
	printed map[string]bool
}

func (f *warningFormatter) Format(e *logrus.Entry) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	line := e.Level.String() + ": " + e.Message + "\n"
	if f.printed[line] {
		return nil, nil
	}
	f.printed[line] = true
	return []byte(line), nil
}
