//go:build unix

package apptest

import (
	"fmt"
	"strings"
	"syscall"
)

// WatchIdleText is the line of a watch that waits.
const WatchIdleText = "waiting for changes"

// StartWatch starts a watch and waits for the end of the first run.
func (a *App) StartWatch(task string) *Process {
	a.T.Helper()
	p := a.Start("watch", task)
	p.WaitOutputTimes(WatchIdleText, 1)
	return p
}

// WaitOutputTimes waits until the lines have been printed n times on stdout or stderr.
func (p *Process) WaitOutputTimes(lines string, n int) {
	p.T.Helper()
	all := func() string { return p.Stdout.String() + p.Stderr.String() }
	Eventually(p.T, lines, func() bool { return strings.Count(all(), lines) >= n }, all)
}

// WaitStdout waits until stdout is exactly this text.
func (p *Process) WaitStdout(stdout string) {
	p.T.Helper()
	Eventually(p.T, fmt.Sprintf("stdout %q", stdout), func() bool { return p.Stdout.String() == stdout },
		func() string { return p.Stdout.String() + p.Stderr.String() })
}

// EndWatch ends a watch by Ctrl-C, expects exit code 0 and returns the output.
func (p *Process) EndWatch() Result {
	p.T.Helper()
	p.Signal(syscall.SIGINT)
	r := p.Wait()
	if r.Code != 0 {
		p.T.Errorf("code %d; want 0, for a watch that ends\n%s", r.Code, r.Stderr)
	}
	return r
}
