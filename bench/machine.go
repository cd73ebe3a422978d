package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/moby/moby/client"
)

// machine holds the influences on a figure besides the code.
type machine struct {
	date                  time.Time
	system, goVersion     string
	cores                 int
	engine                string // empty without an engine
	commit                string
	loadBefore, loadAfter string
}

// inspectMachine reads the machine's properties. An unreadable property is "unknown", to keep the figures usable.
func inspectMachine(ctx context.Context, cli *client.Client) machine {
	m := machine{
		date: time.Now(), system: runtime.GOOS + "/" + runtime.GOARCH,
		goVersion: runtime.Version(), cores: runtime.NumCPU(), commit: commit(ctx), loadBefore: load(),
	}
	if cli == nil {
		return m
	}
	m.engine = "unknown"
	if v, err := cli.ServerVersion(ctx, client.ServerVersionOptions{}); err == nil {
		m.engine = fmt.Sprintf("%s (API %s)", v.Version, v.APIVersion)
	}
	return m
}

func commit(ctx context.Context) string {
	hash, err := output(ctx, "git", "rev-parse", "--short=12", "HEAD")
	if err != nil {
		return "unknown"
	}
	changed, err := output(ctx, "git", "status", "--porcelain", "--untracked-files=no")
	if err != nil || changed != "" {
		return hash + " with changes"
	}
	return hash
}

// load returns the average of waiting processes over the last minute, if the system has the value.
func load() string {
	content, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(content), " ")
	return first
}
