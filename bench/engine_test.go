package main

import (
	"context"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"tasks/internal/toolbox"
)

// newConnectedBench returns a bench with an engine and an image, and without other tools. The test checks the cleanup.
func newConnectedBench(t *testing.T, pairs int) *bench {
	t.Helper()
	toolbox.Require(t)
	b, err := newBench(options{pairs: pairs, cases: regexp.MustCompile("")}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { checkClosed(t, b) })
	return b
}

func checkClosed(t *testing.T, b *bench) {
	t.Helper()
	cli := toolbox.Client(t)
	if err := b.close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(b.dir); !os.IsNotExist(err) {
		t.Errorf("%s is left (%v)", b.dir, err)
	}
	if _, err := cli.ImageInspect(context.Background(), b.engine.image); !errdefs.IsNotFound(err) {
		t.Errorf("the image is left (%v)", err)
	}
	for _, project := range b.projects {
		left := make(client.Filters).Add("label", projectLabel+"="+project)
		containers, err1 := cli.ContainerList(context.Background(), client.ContainerListOptions{All: true, Filters: left})
		networks, err2 := cli.NetworkList(context.Background(), client.NetworkListOptions{Filters: left})
		if err := errors.Join(err1, err2); err != nil || len(containers.Items)+len(networks.Items) > 0 {
			t.Errorf("of %s are left: %v, %v (%v)", project, containers.Items, networks.Items, err)
		}
	}
}

// rawRunner replaces a tool: the runner performs the raw calls.
func rawRunner(b *bench) oneOffRunner { return oneOffRunner{name: "raw", isOwn: true, run: b.raw} }

func TestBesideMeasuresWithHealthyDependencies(t *testing.T) {
	b := newConnectedBench(t, 2)
	rows, err := b.runContest(t.Context(), "chain", 2, []competitor{b.besideRaw(chainScene(), rawRunner(b))})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || len(rows[0].pairs) != 2 || rows[0].note != "" {
		t.Fatalf("rows %+v, missing %v", rows, b.missing)
	}
	for _, p := range rows[0].pairs {
		if p.base.wall <= 0 || p.other.wall <= 0 {
			t.Errorf("a run took no time: %+v", p)
		}
	}
}

func TestBesideReportsLeftovers(t *testing.T) {
	b := newConnectedBench(t, 1)
	careless := oneOffRunner{name: "careless", run: func(project string) runner {
		return timed(func(ctx context.Context) error {
			_, err := b.engine.cli.ContainerCreate(ctx, b.engine.serviceContainer(project, service{name: "left" + project[len(project)-1:]}))
			if errdefs.IsConflict(err) { // the first run has taken the name
				_, err = b.engine.cli.ContainerCreate(ctx, b.engine.serviceContainer(project, service{name: "more"}))
			}
			return err
		})
	}}
	rows, err := b.runContest(t.Context(), "warm", 1, []competitor{b.besideRaw(warmScene(), careless)})
	if err != nil || len(rows) != 1 || !strings.Contains(rows[0].note, "left one-offs behind") {
		t.Errorf("rows %+v, error %v, missing %v", rows, err, b.missing)
	}
}

func TestFromNothingIsAsSlowAsItsDependency(t *testing.T) {
	b := newConnectedBench(t, 1)
	itself := oneOffRunner{name: "itself", run: func(project string) runner {
		return timed(func(ctx context.Context) error {
			if err := b.engine.up(ctx, project, coldScene("cold", 10*time.Second).services); err != nil {
				return err
			}
			return b.engine.oneOff(ctx, project)
		})
	}}
	rows, err := b.runContest(t.Context(), "cold", 1, []competitor{b.fromNothing(coldScene("cold", 10*time.Second), itself)})
	if err != nil || len(rows) != 1 {
		t.Fatalf("rows %+v, error %v, missing %v", rows, err, b.missing)
	}
	if p := rows[0].pairs[0]; p.base.wall < coldDelay {
		t.Errorf("the floor took %v, its dependency %v", p.base.wall, coldDelay)
	}
}

func TestInterruptRemovesAll(t *testing.T) {
	b := newConnectedBench(t, 5)
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	runs := 0
	p := oneOffRunner{name: "player", run: func(project string) runner {
		return func(ctx context.Context) (sample, error) {
			if runs++; runs == 2 {
				cancel(interrupted)
			}
			return b.raw(project)(ctx)
		}
	}}
	_, err := b.runContest(ctx, "warm", 5, []competitor{b.besideRaw(warmScene(), p)})
	if !errors.Is(err, interrupted) {
		t.Errorf("got %v after %d runs", err, runs)
	}
}

func TestHealthyReportsExitedService(t *testing.T) {
	b := newConnectedBench(t, 1)
	project := b.newProject("dead")
	services := []service{{name: "db", command: []string{"exit", "7"}, interval: chainScene().services[0].interval}}
	if err := b.engine.up(t.Context(), project, services); err != nil {
		t.Fatal(err)
	}
	if err := b.engine.healthy(t.Context(), project, services); err == nil || !strings.Contains(err.Error(), "db has ended with 7") {
		t.Errorf("got %v", err)
	}
}
