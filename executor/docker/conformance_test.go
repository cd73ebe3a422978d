package docker_test

import (
	"os"
	"testing"

	"tasks/executor/docker"
	"tasks/executor/engine"
	"tasks/executor/enginetest"
	"tasks/internal/toolbox"
)

// connect returns the machine's engine, or skips the test.
func connect(t testing.TB) *docker.Engine {
	t.Helper()
	toolbox.Require(t)
	engine, err := docker.Connect(docker.Options{Getenv: os.Getenv, Warn: func(text string) { t.Log(text) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	return engine
}

func TestEngineConforms(t *testing.T) {
	toolbox.Require(t)
	image := toolbox.Image(t)
	enginetest.Conformance(t, func(t *testing.T) (engine.Engine, string, string) {
		t.Parallel()
		return connect(t), image, toolbox.Project(t)
	})
}
