package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// crowd is how many services are started at once.
const crowd = 50

// crowdPairs is enough for seconds; each run takes many.
const crowdPairs = 5

// services measures the start of many services that do not need each other, beside Compose.
func (b *bench) services(ctx context.Context) ([]table, error) {
	if len(b.tools.composes) == 0 {
		b.missing = append(b.missing, absence{"case services", "there is no Compose to start them beside"})
		return nil, nil
	}
	plain, err := b.startCrowd(ctx, "crowd", 0)
	if err != nil {
		return nil, err
	}
	healthy, err := b.startCrowd(ctx, "healthy-crowd", crowdInterval)
	return []table{plain, healthy}, err
}

// crowdInterval lets the engine, which runs every healthcheck once in that time, do something else too.
const crowdInterval = 10 * time.Second

// startCrowd measures it for services with a healthcheck of an interval; zero: without one.
func (b *bench) startCrowd(ctx context.Context, name string, interval time.Duration) (table, error) {
	var list []service
	for i := range crowd {
		list = append(list, service{name: fmt.Sprintf("s%02d", i), command: []string{"serve", "-tcp", ":5432"}, interval: interval})
	}
	dir := filepath.Join(b.dir, name)
	compose, err := composeJSON(definitions(list, b.engine.image))
	if err != nil {
		return table{}, err
	}
	if err := writeFiles(dir, map[string]string{"compose.yaml": string(compose), "Tasks.hcl": crowdTask(list)}); err != nil {
		return table{}, err
	}
	up := b.tools.composes[0]
	starter := func(t tool) player {
		return b.tool(dir, t.name+", up -d --wait", t.argv[0], t.with("up", "-d", "--wait")[1:]...)
	}
	players := []player{b.tool(dir, "tasks run", b.tasks, "run", targetTask)}
	players[0].ours = true
	for _, other := range b.tools.composes[1:] {
		players = append(players, starter(other))
	}
	var contestants []contestant
	for _, p := range players {
		contestants = append(contestants, b.afresh(name, starter(up), p))
	}
	rows, err := b.compete(ctx, name, min(b.options.pairs, crowdPairs), contestants)
	t := table{title: fmt.Sprintf("Start %d services that do not need each other, and wait until they run", crowd), base: up.name, rows: rows, metric: wall}
	if interval > 0 {
		t.title = fmt.Sprintf("The same, until they are healthy, with an interval of %s", interval)
	}
	t.how = "The base is `up -d --wait`. Only the image is there before; everything is removed after each run, uncounted. `tasks` aims at 1 ×."
	return t, err
}

// crowdTask needs all services, and runs nothing.
func crowdTask(list []service) string {
	var needs []string
	for _, s := range list {
		needs = append(needs, "service."+s.name)
	}
	return fmt.Sprintf("task %q {\n  depends_on = [%s]\n}\n", targetTask, strings.Join(needs, ", "))
}

// afresh lets two start the same from nothing, in projects of their own.
func (b *bench) afresh(name string, base, other player) contestant {
	first, second := b.newProject(name), b.newProject(name)
	return contestant{
		name: other.name, ours: other.ours,
		base: b.thenRemove(first, base.run(first)), run: b.thenRemove(second, other.run(second)),
		finish: func(ctx context.Context) (string, error) {
			return "", errors.Join(b.remove(ctx, first), b.remove(ctx, second))
		},
	}
}
