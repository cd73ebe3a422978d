//go:build unix

package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// shortRuns is how many runs TestShortRunsLoseNothing makes.
var shortRuns = flag.Int("short-runs", 100, "how many runs of a command that ends within milliseconds")

// TestMegabytesThroughThePipes: what goes in comes out, byte for byte, and the end of the input is the end of the run.
func TestMegabytesThroughThePipes(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	const size = 100 << 20
	sent, got := sha256.New(), sha256.New()
	cmd := a.command("run", "-q", "x", "cat")
	cmd.Stdin = io.TeeReader(io.LimitReader(rand.NewChaCha8([32]byte{1}), size), sent)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(got, out)
	if err != nil || n != size {
		t.Errorf("%d bytes came back of %d, %v", n, int64(size), err)
	}
	if err := cmd.Wait(); err != nil || stderr.String() != "" {
		t.Errorf("%v, stderr %q", err, stderr.String())
	}
	if fmt.Sprintf("%x", sent.Sum(nil)) != fmt.Sprintf("%x", got.Sum(nil)) {
		t.Error("other bytes came back")
	}
}

// TestShortRunsLoseNothing: many runs, a few at a time, each of a command that prints one line and ends at once.
func TestShortRunsLoseNothing(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	a.ok("run", "x", "true") // the network is there from now on
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range 3 {
		workers.Go(func() {
			for i := range numbers {
				r := a.start("run", "-q", "x", "sh", "-c", fmt.Sprintf("echo line %d; echo error %d >&2; exit %d", i, i, i%100)).wait()
				if want := fmt.Sprintf("line %d\n", i); r.stdout != want || r.code != i%100 || !strings.HasPrefix(r.stderr, fmt.Sprintf("error %d\n", i)) {
					t.Errorf("run %d: code %d, stdout %q, stderr %q", i, r.code, r.stdout, r.stderr)
				}
			}
		})
	}
	for i := range *shortRuns {
		numbers <- i
	}
	close(numbers)
	workers.Wait()
}

// TestDetachKeysLeaveTheContainer: the container goes on, the terminal is the user's again.
func TestDetachKeysLeaveTheContainer(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	a.write("docker/config.json", `{"detachKeys": "ctrl-a,d"}`)
	for name, test := range map[string]struct{ config, keys string }{"default": {"", "\x10\x11"}, "configured": {"docker", "\x01d"}} {
		t.Run(name, func(t *testing.T) {
			b := *a
			b.t = t
			if test.config != "" {
				b.env = append(b.env, "DOCKER_CONFIG="+b.dir+"/"+test.config)
			}
			p := b.atTerminal(noRedirect, "run", "x", "sh", "-c", "echo ready; cat")
			before := p.mode()
			p.waitOutput("ready\r\n")
			eventually(t, "the raw mode", p.isRaw)
			p.typeKeys(test.keys)
			r := p.wait()
			left := b.oneOffs()
			if r.code != 0 || len(left) != 1 || !left[0].State.Running {
				t.Fatalf("code %d, one-offs %+v\n%s", r.code, left, r.stdout)
			}
			p.waitOutput("docker attach " + strings.TrimPrefix(left[0].Name, "/"))
			if after := p.mode(); after != before {
				t.Errorf("the terminal's mode was %s, is %s", before, after)
			}
			// The next commands leave it alone, and ask before they remove it.
			for _, next := range [][]string{{"run", "x", "true"}, {"ps"}} {
				r := b.start(next...).wait()
				expectEqual(t, strings.Join(next, " "), r.code, 0)
			}
			expectEqual(t, "one-offs after the next commands", len(b.oneOffs()), 1)
			expectEqual(t, "down without an answer", b.start("down").wait().code, 125)
			expectEqual(t, "note", b.countJournalEntries(), 1)
			b.remove(left[0])
			b.ok("ps")
			expectEqual(t, "notes of what is gone", b.countJournalEntries(), 0)
		})
	}
}

// TestShortRunsAtATerminal: a command that has ended before its terminal got a size is no error.
func TestShortRunsAtATerminal(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	for range 5 {
		p := a.atTerminal(noRedirect, "run", "-q", "x", "echo", "done")
		before := p.mode()
		r := p.wait()
		eventually(t, "the line", func() bool { return strings.Contains(p.stdout.String(), "done\r\n") })
		if r.code != 0 || p.stdout.String() != "done\r\n" || p.mode() != before {
			t.Errorf("code %d, output %q", r.code, p.stdout.String())
		}
	}
}
