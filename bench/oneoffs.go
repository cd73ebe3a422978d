package main

import (
	"context"
	"fmt"
	"maps"
	"time"

	"tasks/internal/toolbox"
)

// oneOffRunner is a way to run the target of a scene's project.
type oneOffRunner struct {
	name  string
	isOwn bool
	// startsServices reports whether the run also starts the dependencies. Otherwise the raw calls start the
	// dependencies.
	startsServices bool
	run            func(project string) runner
}

// oneOffRunners returns all runners of one-offs on this machine.
func (b *bench) oneOffRunners(dir string) []oneOffRunner {
	list := []oneOffRunner{
		{name: "the raw calls again", run: b.raw},
		b.tool(dir, "tasks run", b.tasks, "run", targetTask),
	}
	list[1].isOwn = true
	if b.tools.docker != nil {
		list = append(list, oneOffRunner{name: b.tools.docker.name + ", run --rm", run: b.dockerRun})
	}
	for _, compose := range b.tools.composes {
		args := append(compose.argv[1:], "run", "--rm", "-T", targetService, "true")
		list = append(list, b.tool(dir, compose.name+", run --rm -T", compose.argv[0], args...))
	}
	return list
}

// tool runs a program with the project's files.
func (b *bench) tool(dir, name, program string, args ...string) oneOffRunner {
	argv := append([]string{program}, args...)
	return oneOffRunner{name: name, startsServices: true, run: func(project string) runner {
		return command{argv: argv, dir: dir, env: []string{"COMPOSE_PROJECT_NAME=" + project}}.run
	}}
}

func (b *bench) raw(project string) runner {
	return timed(func(ctx context.Context) error { return b.engine.oneOff(ctx, project) })
}

func (b *bench) dockerRun(project string) runner {
	argv := b.tools.docker.with("run", "--rm", "--label", projectLabel+"="+project,
		"--network", networkOf(project), b.engine.image, "true")
	return command{argv: argv}.run
}

// warm measures one-offs with running dependencies, in wall time and processor time.
func (b *bench) warm(ctx context.Context) ([]table, error) {
	rows, err := b.withDependencies(ctx, warmScene())
	tables := []table{
		{
			title: "One-off `true`, its dependency already running", base: "raw API calls", rows: rows, metric: wall,
			how: "The base is create, attach, wait, start, stream, remove, called from the measuring process over an open connection.",
		},
		{
			title: "The same: processor time of the client", base: "raw API calls", rows: rows, metric: cpu,
			how: "User and system time of the client's process and its children, without the engine's time. The base starts no process and reads no file.",
		},
	}
	if _, told := ownCPU(); !told {
		b.recordFailure("warm: processor time", fmt.Errorf("this system does not tell it of one's own process"), false)
		tables = tables[:1]
	}
	return tables, err
}

// chain is warm with two services with healthchecks in a chain.
func (b *bench) chain(ctx context.Context) ([]table, error) {
	rows, err := b.withDependencies(ctx, chainScene())
	return []table{{
		title: "One-off `true` behind two healthy services in a chain, both already up", base: "raw API calls", rows: rows, metric: wall,
		how: "The target waits for a healthy api, and api waits for db. Both have a healthcheck with an interval of 1 s.",
	}}, err
}

// withDependencies gives each competitor a separate project. A competitor that can start the dependencies does so.
func (b *bench) withDependencies(ctx context.Context, s scene) ([]row, error) {
	dir, err := s.write(b.dir, b.engine.image)
	if err != nil {
		return nil, err
	}
	var contestants []competitor
	for _, p := range b.oneOffRunners(dir) {
		contestants = append(contestants, b.besideRaw(s, p))
	}
	return b.runContest(ctx, s.name, b.options.pairs, contestants)
}

// besideRaw alternates a competitor with the raw calls, in the same project.
func (b *bench) besideRaw(s scene, p oneOffRunner) competitor {
	project := b.newProject(s.name)
	var before map[string]bool
	return competitor{
		name: p.name, isOwn: p.isOwn, base: b.raw(project), run: p.run(project),
		prepare: func(ctx context.Context) (err error) {
			if err := b.bringUp(ctx, project, s, p); err != nil {
				return err
			}
			before, err = b.engine.containers(ctx, project)
			return err
		},
		finish: func(ctx context.Context) (string, error) {
			after, err := b.engine.containers(ctx, project)
			if err != nil {
				return "", err
			}
			note := ""
			if !maps.Equal(before, after) {
				note = "the program replaced its dependencies, or left one-offs behind"
			}
			return note, b.remove(ctx, project)
		},
	}
}

// bringUp starts the dependencies and runs the competitor once. A runner that starts dependencies also waits for their
// health.
func (b *bench) bringUp(ctx context.Context, project string, s scene, p oneOffRunner) error {
	if !p.startsServices {
		if err := b.engine.up(ctx, project, s.services); err != nil {
			return err
		}
		if err := b.engine.healthy(ctx, project, s.services); err != nil {
			return err
		}
	}
	_, err := p.run(project)(ctx)
	return err
}

// coldPairs and slowPairs are small, because each pair takes seconds.
const (
	coldPairs = 5
	slowPairs = 3
)

// cold measures one-offs from nothing but the image to their end, without the removal.
func (b *bench) cold(ctx context.Context) ([]table, error) {
	return b.fromCold(ctx, coldScene("cold", 10*time.Second), coldPairs)
}

// slow is cold with the default interval of a healthcheck.
func (b *bench) slow(ctx context.Context) ([]table, error) {
	return b.fromCold(ctx, coldScene("slow", 30*time.Second), slowPairs)
}

func (b *bench) fromCold(ctx context.Context, s scene, pairs int) ([]table, error) {
	dir, err := s.write(b.dir, b.engine.image)
	if err != nil {
		return nil, err
	}
	var contestants []competitor
	for _, p := range b.oneOffRunners(dir) {
		if p.startsServices {
			contestants = append(contestants, b.fromNothing(s, p))
		}
	}
	rows, err := b.runContest(ctx, s.name, min(b.options.pairs, pairs), contestants)
	return []table{{
		title: fmt.Sprintf("One-off `true` from nothing: its dependency becomes ready 1 s after its start, its healthcheck's interval is %s", s.services[0].interval),
		base:  "raw API calls with a known delay", rows: rows, metric: wall,
		how: "The base creates the network, starts the dependency, sleeps for exactly 1 s, and then runs the one-off. Everything is removed after each run. " +
			"`tasks` aims at 2.5 s for every interval.",
	}}, err
}

func (b *bench) fromNothing(s scene, p oneOffRunner) competitor {
	project := b.newProject(s.name)
	floor := timed(func(ctx context.Context) error {
		if err := b.engine.up(ctx, project, s.services); err != nil {
			return err
		}
		if err := pause(ctx, coldDelay); err != nil {
			return err
		}
		return b.engine.oneOff(ctx, project)
	})
	return competitor{
		name: p.name, isOwn: p.isOwn, base: b.thenRemove(project, floor), run: b.thenRemove(project, p.run(project)),
		finish: func(ctx context.Context) (string, error) { return "", b.remove(ctx, project) },
	}
}

// thenRemove removes the project after each run, uncounted.
func (b *bench) thenRemove(project string, run runner) runner {
	return func(ctx context.Context) (sample, error) {
		s, err := run(ctx)
		if err != nil {
			return s, err
		}
		return s, b.remove(ctx, project)
	}
}

// removeTimeout limits the removal of a project.
const removeTimeout = 3 * time.Minute

// remove also works after an interrupt.
func (b *bench) remove(ctx context.Context, project string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTimeout)
	defer cancel()
	return toolbox.RemoveProject(ctx, b.engine.cli, project)
}
