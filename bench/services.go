package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// serviceCount is the number of services started at once.
const serviceCount = 50

// servicePairs is small, because each run takes seconds.
const servicePairs = 5

// services measures the start of many independent services, beside Compose.
func (b *bench) services(ctx context.Context) ([]table, error) {
	if len(b.tools.composes) == 0 {
		b.missing = append(b.missing, missingResult{"case services", "there is no Compose to start them beside"})
		return nil, nil
	}
	plain, err := b.measureServices(ctx, "crowd", 0)
	if err != nil {
		return nil, err
	}
	healthy, err := b.measureServices(ctx, "healthy-crowd", serviceInterval)
	return []table{plain, healthy}, err
}

// serviceInterval leaves the engine time between the healthchecks of all services.
const serviceInterval = 10 * time.Second

// measureServices measures services with a healthcheck interval; zero means without healthcheck.
func (b *bench) measureServices(ctx context.Context, name string, interval time.Duration) (table, error) {
	var list []service
	for i := range serviceCount {
		svc := service{name: fmt.Sprintf("s%02d", i), command: []string{"serve", "-tcp", ":5432"}, interval: interval}
		list = append(list, svc)
	}
	dir := filepath.Join(b.dir, name)
	compose, err := composeJSON(definitions(list, b.engine.image))
	if err != nil {
		return table{}, err
	}
	files := map[string]string{"compose.yaml": string(compose), "Tasks.hcl": allServicesTask(list)}
	if err := writeFiles(dir, files); err != nil {
		return table{}, err
	}
	up := b.tools.composes[0]
	starter := func(t tool) oneOffRunner {
		return b.tool(dir, t.name+", up -d --wait", t.argv[0], t.with("up", "-d", "--wait")[1:]...)
	}
	players := []oneOffRunner{b.tool(dir, "tasks run", b.tasks, "run", targetTask)}
	players[0].isOwn = true
	for _, other := range b.tools.composes[1:] {
		players = append(players, starter(other))
	}
	var contestants []competitor
	for _, p := range players {
		contestants = append(contestants, b.fromScratch(name, starter(up), p))
	}
	rows, err := b.runContest(ctx, name, min(b.options.pairs, servicePairs), contestants)
	t := table{
		title: fmt.Sprintf("Start %d services that do not need each other, and wait until they run", serviceCount),
		base:  up.name, rows: rows, metric: wall,
	}
	if interval > 0 {
		t.title = fmt.Sprintf("The same, until they are healthy, with an interval of %s", interval)
	}
	t.how = "The base is `up -d --wait`. Only the image exists before. The removal after each run does not count. `tasks` aims at 1 ×."
	return t, err
}

// allServicesTask returns a group that needs all services.
func allServicesTask(list []service) string {
	var needs []string
	for _, s := range list {
		needs = append(needs, "service."+s.name)
	}
	return fmt.Sprintf("task %q {\n  depends_on = [%s]\n}\n", targetTask, strings.Join(needs, ", "))
}

// fromScratch lets two competitors start the same services from nothing, in separate projects.
func (b *bench) fromScratch(name string, base, other oneOffRunner) competitor {
	first, second := b.newProject(name), b.newProject(name)
	return competitor{
		name: other.name, isOwn: other.isOwn,
		base: b.thenRemove(first, base.run(first)), run: b.thenRemove(second, other.run(second)),
		finish: func(ctx context.Context) (string, error) {
			return "", errors.Join(b.remove(ctx, first), b.remove(ctx, second))
		},
	}
}
