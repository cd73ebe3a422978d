//go:build linux

package faults

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

var (
	seed          = flag.Uint64("seed", 3, "what the campaign draws its faults from; 0: anything")
	runs          = flag.Int("runs", 4, "how many runs get signals at random moments")
	calls         = flag.Int("calls", 3, "how many calls of the engine go wrong, in a run each; -1: every call, in every way")
	only          = flag.Int("only", -1, "the number of the one run to do again")
	budget        = flag.Duration("for", 0, "begin no more runs after this time, for each test; 0: no bound")
	workers       = flag.Int("workers", 4, "how many projects there are, each with one run after the other")
	ownEngineFlag = flag.Bool("own-engine", false, "also crash, restart and fill an engine of the campaign's own (.ci/engine), as root")
	race          = flag.Bool("race-built", false, "build the program with the race detector")
	program       string
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	// Cases mostly wait for the engine, so more cases than processors run at a time.
	if err := flag.Set("test.parallel", fmt.Sprint(*workers)); err != nil {
		panic(err)
	}
	os.Exit(withProgram(m.Run))
}

// withProgram builds the program for the campaign.
func withProgram(do func() int) int {
	dir, err := os.MkdirTemp("", "tasks-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // another user runs the program, too
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	program = filepath.Join(dir, "tasks")
	args := []string{"build", "-o", program}
	if *race {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "tasks/cmd/tasks")...)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v: %v\n%s", build, err, out)
		return 1
	}
	return do()
}

// campaign performs numbered cases, in several projects at a time, until the cases or the time run out.
func campaign(t *testing.T, cases, projects int, do func(p *project, n int)) {
	t.Logf("seed %d", *seed)
	var next, done atomic.Int64
	if *only >= 0 {
		next.Store(int64(*only))
		cases, projects = *only+1, 1
	}
	began := time.Now()
	t.Cleanup(func() { t.Logf("%d of %d cases in %s", done.Load(), cases, time.Since(began).Round(time.Second)) })
	for w := range projects {
		t.Run(fmt.Sprintf("project%d", w), func(t *testing.T) {
			t.Parallel()
			p := newProject(t)
			for {
				n := int(next.Add(1)) - 1
				if n >= cases || *budget > 0 && time.Since(began) > *budget {
					return
				}
				do(p, n)
				done.Add(1)
			}
		})
	}
}

// random returns the random source of a case: the same for the same seed, independent of other cases.
func random(n int) *rand.Rand { return rand.New(rand.NewPCG(*seed, uint64(n))) }

// randomBelow returns a random duration less than d.
func randomBelow(r *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(r.Int64N(int64(d)))
}

func choose[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }
