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

// Prefix starts the name of every compose project of a test, and so the names of all resources of the project.
const Prefix = "tt-"

// useLock is shared by all running tests, so that [Sweep] recognises resources in use.
func useLock() (*flock.Flock, error) {
	dir, err := CacheDir()
	return flock.New(filepath.Join(dir, "in-use")), err
}

// lockInUse marks the engine as in use by a test, until the lock is closed or the process has ended.
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

// Sweep removes the resources of killed test runs, because leftover networks exhaust the engine's address pools. While
// a test of this user runs, Sweep removes nothing. Sweep returns the names of removed resources, the networks that only a
// restart of the engine removes, and all failures.
func Sweep(ctx context.Context) (removed, kept []string, err error) {
	lock, err := useLock()
	if err != nil {
		return nil, nil, err
	}
	isFree, err := lock.TryLock()
	if !isFree || err != nil {
		return nil, nil, err
	}
	defer lock.Close()
	cli, err := connect()
	if err != nil {
		return nil, nil, err
	}
	defer cli.Close()
	found, err := testResources(ctx, cli)
	for _, l := range found {
		removeErr := l.remove(ctx)
		if errors.Is(removeErr, errKeptByEngine) {
			kept = append(kept, l.description+": "+removeErr.Error())
			continue
		}
		if removeErr != nil {
			err = errors.Join(err, removeErr)
			continue
		}
		removed = append(removed, l.description)
	}
	return removed, kept, err
}

// testResources lists all resources with the name or project of a test, in a possible order of removal.
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
