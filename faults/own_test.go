//go:build linux

package faults

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// engineName and engineSize belong to the campaign's own engine, small enough to fill the disk.
const (
	engineName = "tasks-faults"
	engineSize = "400m"
)

// engineFault is a fault of an engine.
type engineFault string

const (
	engineCrash    engineFault = "crash"
	engineRestart  engineFault = "restart"
	engineDiskFull engineFault = "full disk"
)

// engineFaultCase is a case on our own engine.
type engineFaultCase struct {
	scenario scenario
	cold     bool
	fault    engineFault
	// after is the time of the fault, duration the length.
	after, duration time.Duration
}

func (c engineFaultCase) String() string {
	return fmt.Sprintf("%s, cold=%t: %s after %s, for %s", c.scenario.name, c.cold, c.fault, c.after, c.duration)
}

// TestOwnEngine checks that a crash, a restart, or a full disk of the engine costs no more than the run.
func TestOwnEngine(t *testing.T) {
	startOwnEngine(t)
	campaign(t, *runs, 1, func(p *project, n int) {
		c := drawEngineFault(random(n))
		p.isOnlyUser = true // a fault of this engine hits every project
		if wrong := p.runEngineFault(c); len(wrong) > 0 {
			p.t.Errorf("run %d: %s\n%s\nagain: go test ./faults -run TestOwnEngine -own-engine -seed %d -only %d", n, c, strings.Join(wrong, "\n"), *seed, n)
		}
	})
}

// startOwnEngine starts the engine for a test, if -own-engine allows it.
func startOwnEngine(t *testing.T) {
	t.Helper()
	if !*ownEngineFlag {
		t.Skip("SKIPPED, NOT TESTED: -own-engine starts an engine of the campaign's own, and disturbs the engine")
	}
	t.Setenv("TASKS_ENGINE", engineName)
	t.Setenv("TASKS_ENGINE_SIZE", engineSize)
	t.Setenv("DOCKER_HOST", "unix:///run/"+engineName+"/docker.sock")
	ownEngine(t, "start")
	t.Cleanup(func() { ownEngine(t, "stop") })
}

// ownEngine calls .ci/engine.
func ownEngine(t *testing.T, command string) {
	t.Helper()
	here, err := os.Getwd() // the tests of a package run in its directory
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(filepath.Dir(here), ".ci", "engine"), command)
	cmd.WaitDelay = 5 * time.Second // the engine keeps inherited files open
	if out, err := cmd.CombinedOutput(); cmd.ProcessState == nil || !cmd.ProcessState.Success() {
		t.Errorf(".ci/engine %s: %v\n%s", command, err, out)
	}
}

func drawEngineFault(r *rand.Rand) engineFaultCase {
	c := engineFaultCase{cold: r.IntN(3) == 0, fault: choose(r, []engineFault{engineCrash, engineRestart, engineDiskFull})}
	all := slices.DeleteFunc(scenarios(), func(s scenario) bool { return s.needsTerminal })
	c.scenario = choose(r, all)
	c.after, c.duration = randomBelow(r, runDuration(c.cold)), randomBelow(r, 2*time.Second)
	return c
}

// runEngineFault performs a case, and returns the problems.
func (p *project) runEngineFault(c engineFaultCase) []string {
	p.t.Helper()
	p.prepare(c.cold)
	r := p.launch(c.scenario, nil)
	time.Sleep(c.after)
	switch c.fault {
	case engineCrash:
		ownEngine(p.t, "crash")
		time.Sleep(c.duration)
		ownEngine(p.t, "again")
	case engineRestart:
		ownEngine(p.t, "again")
	case engineDiskFull:
		remove := fillDisk(p.t)
		time.Sleep(c.duration)
		r.isAliveAfter(5 * time.Second) // a run that does not end by itself gets room again
		remove()
	}
	e := r.wait()
	// A command ended together with the engine has the signal's code. Code 2 comes from a Go program as process 1 of a
	// container: SIGTERM does not end the program by default.
	wrong := p.problemsOf([]callResult{e}, 2, 125, 130, 137, 143)
	if len(wrong) > 0 {
		wrong = append(wrong, e.String())
	}
	return wrong
}

// fillDisk fills the engine's disk until remove is called.
func fillDisk(t *testing.T) (remove func()) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(cache, "tasks-engine", "data-"+engineName, "full")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(file, zeros{})
	file.Close()
	if err == nil {
		t.Fatal("the disk is without end")
	}
	return func() { os.Remove(path) }
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
