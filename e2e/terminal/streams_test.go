//go:build unix

package terminal_test

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"tasks/internal/testing/apptest"
)

// shortRuns is how many runs TestShortRunsLoseNothing makes.
var shortRuns = flag.Int("short-runs", 100, "how many runs of a command that ends within milliseconds")

// TestMegabytesThroughThePipes: what goes in comes out, byte for byte, and the end of the input is the end of the run.
func TestMegabytesThroughThePipes(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	const size = 100 << 20
	sent, got := sha256.New(), sha256.New()
	cmd := a.Command("run", "-q", "x", "cat")
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
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	a.Ok("run", "x", "true") // the network is there from now on
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range 3 {
		workers.Go(func() {
			for i := range numbers {
				r := a.Start("run", "-q", "x", "sh", "-c", fmt.Sprintf("echo line %d; echo error %d >&2; exit %d", i, i, i%100)).Wait()
				if want := fmt.Sprintf("line %d\n", i); r.Stdout != want || r.Code != i%100 || !strings.HasPrefix(r.Stderr, fmt.Sprintf("error %d\n", i)) {
					t.Errorf("run %d: code %d, stdout %q, stderr %q", i, r.Code, r.Stdout, r.Stderr)
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
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	a.Write("docker/config.json", `{"detachKeys": "ctrl-a,d"}`)
	for name, test := range map[string]struct{ config, keys string }{"default": {"", "\x10\x11"}, "configured": {"docker", "\x01d"}} {
		t.Run(name, func(t *testing.T) {
			b := *a
			b.T = t
			if test.config != "" {
				b.Env = append(b.Env, "DOCKER_CONFIG="+b.Dir+"/"+test.config)
			}
			p := b.AtTerminal(apptest.NoRedirect, "run", "x", "sh", "-c", "echo ready; cat")
			before := p.Mode()
			p.WaitOutput("ready\r\n")
			apptest.Eventually(t, "the raw mode", p.IsRaw)
			p.TypeKeys(test.keys)
			r := p.Wait()
			left := b.OneOffs()
			if r.Code != 0 || len(left) != 1 || !left[0].State.Running {
				t.Fatalf("code %d, one-offs %+v\n%s", r.Code, left, r.Stdout)
			}
			p.WaitOutput("docker attach " + strings.TrimPrefix(left[0].Name, "/"))
			if after := p.Mode(); after != before {
				t.Errorf("the terminal's mode was %s, is %s", before, after)
			}
			// The next commands leave it alone, and ask before they remove it.
			for _, next := range [][]string{{"run", "x", "true"}, {"ps"}} {
				r := b.Start(next...).Wait()
				apptest.ExpectEqual(t, strings.Join(next, " "), r.Code, 0)
			}
			apptest.ExpectEqual(t, "one-offs after the next commands", len(b.OneOffs()), 1)
			apptest.ExpectEqual(t, "down without an answer", b.Start("down").Wait().Code, 125)
			apptest.ExpectEqual(t, "note", b.CountJournalEntries(), 1)
			b.Remove(left[0])
			b.Ok("ps")
			apptest.ExpectEqual(t, "notes of what is gone", b.CountJournalEntries(), 0)
		})
	}
}

// TestShortRunsAtATerminal: a command that has ended before its terminal got a size is no error.
func TestShortRunsAtATerminal(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	for range 5 {
		p := a.AtTerminal(apptest.NoRedirect, "run", "-q", "x", "echo", "done")
		before := p.Mode()
		r := p.Wait()
		apptest.Eventually(t, "the line", func() bool { return strings.Contains(p.Stdout.String(), "done\r\n") })
		if r.Code != 0 || p.Stdout.String() != "done\r\n" || p.Mode() != before {
			t.Errorf("code %d, output %q", r.Code, p.Stdout.String())
		}
	}
}
