package toolbox

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// Require ensures that an engine is reachable. Without an engine the test fails if CI is set, and is otherwise skipped
// with a reason. So a developer without Docker can run all other tests.
func Require(t testing.TB) {
	t.Helper()
	Client(t)
}

// Client is [Require] with a connection to the engine, closed at the end of the test. Several goroutines may use the
// connection.
func Client(t testing.TB) *client.Client {
	t.Helper()
	cli, err := connect()
	if err != nil {
		withoutEngine(t, os.Getenv("CI") != "", err)
	}
	use := lockInUse(t)
	t.Cleanup(func() {
		cli.Close()
		use.Close()
	})
	return cli
}

// connect opens a connection and negotiates the version of the API, as a check.
func connect() (*client.Client, error) {
	cli, err := client.New(client.FromEnv)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := cli.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		cli.Close()
		return nil, err
	}
	return cli, nil
}

func withoutEngine(t testing.TB, ci bool, err error) {
	t.Helper()
	if ci {
		t.Fatalf("no container engine is reachable, and CI is set: start one, or set DOCKER_HOST (%v)", err)
		return
	}
	t.Skipf("SKIPPED, NOT TESTED: no container engine is reachable; start one, or set DOCKER_HOST (%v)", err)
}

// Project returns a unique name for a compose project of this test, and registers [CheckClean] for the project.
func Project(t testing.TB) string {
	t.Helper()
	name := projectName(t.Name())
	CheckClean(t, name)
	return name
}

// projectName keeps the characters that Compose allows in a project's name, and makes the name unique.
func projectName(test string) string {
	allowed := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_':
			return r
		}
		return '-'
	}, strings.ToLower(test))
	if len(allowed) > 30 {
		allowed = allowed[:30]
	}
	unique := make([]byte, 4)
	rand.Read(unique) // never fails, by its documentation
	return Prefix + strings.Trim(allowed, "-") + "-" + hex.EncodeToString(unique)
}
