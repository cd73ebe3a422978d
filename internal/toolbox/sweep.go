package toolbox

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gofrs/flock"
	"github.com/moby/moby/client"
)

// Prefix begins the name of every compose project of a test, and so the names of all that it makes.
const Prefix = "tt-"

// useLock is shared by all tests that run, so that [Sweep] can tell what is still used.
func useLock() (*flock.Flock, error) {
	dir, err := CacheDir()
	return flock.New(filepath.Join(dir, "in-use")), err
}

// lockInUse says that a test runs, until it is closed or the process has ended.
func lockInUse(t testing.TB) *flock.Flock {
	t.Helper()
	lock, err := useLock()
	if err == nil {
		err = lock.RLock()
	}
	if err != nil {
		t.Fatal(err)
	}
	return lock
}

// Sweep removes what test runs that were killed have left in the engine: their networks use up its address pools. While any
// test of this user runs it removes nothing. It returns the names of what it has removed, and what it could not.
func Sweep(ctx context.Context) (removed []string, err error) {
	lock, err := useLock()
	if err != nil {
		return nil, err
	}
	isFree, err := lock.TryLock()
	if !isFree || err != nil {
		return nil, err
	}
	defer lock.Close()
	cli, err := connect()
	if err != nil {
		return nil, err
	}
	defer cli.Close()
	found, err := testResources(ctx, cli)
	for _, l := range found {
		if removeErr := l.remove(ctx); removeErr != nil {
			err = errors.Join(err, removeErr)
			continue
		}
		removed = append(removed, l.description)
	}
	return removed, err
}

// testResources lists all that has a test's name or belongs to its project, in the order in which it can be removed.
func testResources(ctx context.Context, cli *client.Client) ([]leftover, error) {
	containers, err1 := cli.ContainerList(ctx, client.ContainerListOptions{All: true})
	networks, err2 := cli.NetworkList(ctx, client.NetworkListOptions{})
	volumes, err3 := cli.VolumeList(ctx, client.VolumeListOptions{})
	if err := cmp.Or(err1, err2, err3); err != nil {
		return nil, err
	}
	var found []leftover
	for _, c := range containers.Items {
		names := append([]string{c.Labels["com.docker.compose.project"]}, c.Names...)
		if slices.ContainsFunc(names, isTestName) {
			found = append(found, leftContainer(cli, c))
		}
	}
	for _, n := range networks.Items {
		if isTestName(n.Name) {
			found = append(found, leftNetwork(cli, n))
		}
	}
	for _, v := range volumes.Items {
		if isTestName(v.Name) {
			found = append(found, leftVolume(cli, v))
		}
	}
	return found, nil
}

func isTestName(name string) bool {
	name = strings.TrimPrefix(name, "/")
	return strings.HasPrefix(name, Prefix) || strings.HasPrefix(name, "tasks-test-")
}
