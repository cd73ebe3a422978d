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

// engineName and engineSize are of the campaign's own engine: small enough to be filled.
const (
	engineName = "tasks-faults"
	engineSize = "400m"
)

// trouble is what becomes of an engine.
type engineFault string

const (
	engineCrash    engineFault = "crash"
	engineRestart  engineFault = "restart"
	engineDiskFull engineFault = "full disk"
)

// engineFaultCase is one case on an engine of our own.
type engineFaultCase struct {
	scenario scenario
	cold     bool
	trouble  engineFault
	// after is when it comes, for is how long it lasts.
	after, duration time.Duration
}

func (c engineFaultCase) String() string {
	return fmt.Sprintf("%s, cold=%t: %s after %s, for %s", c.scenario.name, c.cold, c.trouble, c.after, c.duration)
}

// TestOwnEngine: an engine that crashes, is restarted, or whose disk is full, costs no more than the run.
func TestOwnEngine(t *testing.T) {
	if !*ownEngineFlag {
		t.Skip("SKIPPED, NOT TESTED: -own-engine starts an engine of the campaign's own, and troubles it")
	}
	t.Setenv("TASKS_ENGINE", engineName)
	t.Setenv("TASKS_ENGINE_SIZE", engineSize)
	t.Setenv("DOCKER_HOST", "unix:///run/"+engineName+"/docker.sock")
	ownEngine(t, "start")
	t.Cleanup(func() { ownEngine(t, "stop") })
	campaign(t, *runs, 1, func(p *project, n int) {
		c := drawEngineFault(random(n))
		p.isOnlyUser = true // its trouble is everybody's
		if wrong := p.runEngineFault(c); len(wrong) > 0 {
			p.t.Errorf("run %d: %s\n%s\nagain: go test ./faults -run TestOwnEngine -own-engine -seed %d -only %d", n, c, strings.Join(wrong, "\n"), *seed, n)
		}
	})
}

// ownEngine calls .ci/engine.
func ownEngine(t *testing.T, command string) {
	t.Helper()
	here, err := os.Getwd() // the tests of a package run in its directory
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(filepath.Dir(here), ".ci", "engine"), command)
	cmd.WaitDelay = 5 * time.Second // the engine keeps what it inherits
	if out, err := cmd.CombinedOutput(); cmd.ProcessState == nil || !cmd.ProcessState.Success() {
		t.Errorf(".ci/engine %s: %v\n%s", command, err, out)
	}
}

func drawEngineFault(r *rand.Rand) engineFaultCase {
	c := engineFaultCase{cold: r.IntN(3) == 0, trouble: choose(r, []engineFault{engineCrash, engineRestart, engineDiskFull})}
	all := slices.DeleteFunc(scenarios(), func(s scenario) bool { return s.needsTerminal })
	c.scenario = choose(r, all)
	c.after, c.duration = randomBelow(r, runDuration(c.cold)), randomBelow(r, 2*time.Second)
	return c
}

// runEngineFault performs a case, and says what is wrong afterwards.
func (p *project) runEngineFault(c engineFaultCase) []string {
	p.t.Helper()
	p.prepare(c.cold)
	r := p.launch(c.scenario, nil)
	time.Sleep(c.after)
	switch c.trouble {
	case engineCrash:
		ownEngine(p.t, "crash")
		time.Sleep(c.duration)
		ownEngine(p.t, "again")
	case engineRestart:
		ownEngine(p.t, "again")
	case engineDiskFull:
		remove := fillDisk(p.t)
		time.Sleep(c.duration)
		r.isAliveAfter(5 * time.Second) // a run that does not end by itself goes on with room
		remove()
	}
	e := r.wait()
	// A command that the engine took along has the code of the signal; 2 is that of a Go program which is the first process of
	// its container, where SIGTERM does not end it by itself.
	wrong := p.problemsOf([]callResult{e}, 2, 125, 130, 137, 143)
	if len(wrong) > 0 {
		wrong = append(wrong, e.String())
	}
	return wrong
}

// fillDisk fills the engine's disk, until remove is called.
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
