package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tool is an installed program to measure beside `tasks`.
type tool struct {
	name string // with its version
	argv []string
}

// with returns the tool's command line with more arguments.
func (t tool) with(words ...string) []string {
	return append(append([]string{}, t.argv...), words...)
}

// tools are the installed tools. A missing tool is nil or an empty list.
type tools struct {
	docker, goTask, just, make *tool
	composes                   []tool
}

// missingResult is a missing measurement, with the reason.
type missingResult struct{ name, reason string }

// finder looks for tools and records missing tools.
type finder struct {
	// peers is the directory of .ci/peers. Its programs come before those of PATH.
	peers   string
	missing []missingResult
}

// find looks in the directory of .ci/peers and in PATH. An explicitly given path must exist.
func (f *finder) find(ctx context.Context, composePaths []string, taskPath string) (tools, error) {
	found := tools{
		docker: f.lookup(ctx, "docker", "docker", "version", "--format", "{{.Client.Version}}"),
		just:   f.lookup(ctx, "just", "just", "--version"),
		make:   f.lookup(ctx, "make", "make", "--version"),
	}
	var err error
	if taskPath == "" {
		found.goTask = f.lookup(ctx, "go-task", f.orPeer("task", "go-task"), "--version")
	} else if found.goTask, err = atPath(ctx, "go-task", taskPath, "--version"); err != nil {
		return tools{}, err
	}
	found.composes = f.composes(ctx, found.docker)
	for _, path := range composePaths {
		t, err := atPath(ctx, filepath.Base(path), path, "version", "--short")
		if err != nil {
			return tools{}, err
		}
		found.composes = append(found.composes, *t)
	}
	return found, nil
}

// orPeer returns the path of a program in the directory of .ci/peers, or the name of a program in PATH.
func (f *finder) orPeer(name, peer string) string {
	path := filepath.Join(f.peers, peer)
	if info, err := os.Stat(path); f.peers != "" && err == nil && info.Mode().IsRegular() {
		return path
	}
	return name
}

// lookup finds a tool that can report its version, by its name in PATH or by its path.
func (f *finder) lookup(ctx context.Context, name, program string, version ...string) *tool {
	path, err := exec.LookPath(program)
	if err != nil {
		f.missing = append(f.missing, missingResult{name, "no " + program + " in PATH, and none of .ci/peers"})
		return nil
	}
	t, err := atPath(ctx, name, path, version...)
	if err != nil {
		f.missing = append(f.missing, missingResult{name, err.Error()})
	}
	return t
}

// composes returns all installed Composes: the plugin of docker, and separate programs.
func (f *finder) composes(ctx context.Context, docker *tool) []tool {
	var found []tool
	if docker != nil {
		if version, err := output(ctx, docker.with("compose", "version", "--short")...); err == nil {
			found = append(found, tool{"docker compose " + version, docker.with("compose")})
		} else {
			f.missing = append(f.missing, missingResult{"docker compose", "docker has no such plugin"})
		}
	}
	for _, program := range []string{"docker-compose-v5", "docker-compose-v2", "docker-compose"} {
		if t := f.lookup(ctx, program, f.orPeer(program, program), "version", "--short"); t != nil {
			found = append(found, *t)
		}
	}
	return found
}

// atPath asks a program for its version, as a check that the program works.
func atPath(ctx context.Context, name, path string, version ...string) (*tool, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	argv := append([]string{path}, version...)
	printed, err := output(ctx, argv...)
	if err != nil {
		return nil, fmt.Errorf("cannot ask %s for its version: %w", name, err)
	}
	return &tool{strings.TrimSpace(name + " " + shortVersion(printed, path)), []string{path}}, nil
}

// shortVersion returns the last word of a program's first line, or the version of Compose's module. A Compose built by
// the Go tool reports "dev".
func shortVersion(printed, path string) string {
	first, _, _ := strings.Cut(printed, "\n")
	words := strings.Fields(first)
	if len(words) == 0 {
		return ""
	}
	if version := words[len(words)-1]; version != "dev" {
		return version
	}
	return composeModule(path)
}

func composeModule(path string) string {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return ""
	}
	for _, dep := range append(info.Deps, &info.Main) {
		if strings.HasPrefix(dep.Path, "github.com/docker/compose/") {
			return strings.TrimPrefix(dep.Version, "v")
		}
	}
	return ""
}
