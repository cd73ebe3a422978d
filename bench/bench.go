package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"tasks/internal/toolbox"
)

// bench is an invocation: the tools, and everything made so far.
type bench struct {
	options options
	log     io.Writer
	// id is part of every project's name, so that two invocations do not collide.
	id string
	// dir holds the generated projects and the program.
	dir      string
	tasks    string
	engine   engine
	tools    tools
	missing  []missingResult
	projects []string
	// hasFailed reports whether a measurement of `tasks` or of the floor failed.
	hasFailed bool
}

// benchmark is a case.
type benchmark struct {
	name string
	// needsEngine reports whether the case runs containers.
	needsEngine bool
	measure     func(*bench, context.Context) ([]table, error)
}

func benchmarks() []benchmark {
	return []benchmark{
		{"warm", true, (*bench).warm},
		{"chain", true, (*bench).chain},
		{"cold", true, (*bench).cold},
		{"slow", true, (*bench).slow},
		{"watch", true, (*bench).watch},
		{"services", true, (*bench).services},
		{"display", true, (*bench).display},
		{"dag", false, (*bench).dag},
		{"files", false, (*bench).files},
		{"tree", false, (*bench).watchedTree},
		{"list", false, (*bench).list},
		{"plan", false, (*bench).plan},
		{"start", false, (*bench).start},
	}
}

func caseNames() []string {
	var names []string
	for _, c := range benchmarks() {
		names = append(names, c.name)
	}
	return names
}

func selected(pattern *regexp.Regexp) []benchmark {
	var chosen []benchmark
	for _, c := range benchmarks() {
		if pattern.MatchString(c.name) {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

func newBench(o options, log io.Writer) (*bench, error) {
	dir, err := os.MkdirTemp("", "tasks-bench-")
	if err != nil {
		return nil, err
	}
	unique := make([]byte, 4)
	rand.Read(unique) // never fails, by its documentation
	return &bench{options: o, log: log, id: fmt.Sprintf("tasks-bench-%x", unique), dir: dir}, nil
}

// measure performs all selected cases and returns the page.
func (b *bench) measure(ctx context.Context) (string, error) {
	chosen := selected(b.options.cases)
	for _, c := range benchmarks() {
		if !b.options.cases.MatchString(c.name) {
			b.missing = append(b.missing, missingResult{"case " + c.name, "left out by -run"})
		}
	}
	if err := b.prepare(ctx, chosen); err != nil {
		return "", err
	}
	m := inspectMachine(ctx, b.engine.cli)
	var tables []table
	for _, c := range chosen {
		measured, err := c.measure(b, ctx)
		if err != nil {
			return "", fmt.Errorf("case %s: %w", c.name, err)
		}
		tables = append(tables, measured...)
	}
	m.loadAfter = load()
	return page(m, b.options.pairs, tables, b.missing), nil
}

// prepare builds the program and finds the tools. If a case runs containers, prepare also makes the image.
func (b *bench) prepare(ctx context.Context, chosen []benchmark) (err error) {
	if b.tasks, err = b.program(ctx); err != nil {
		return err
	}
	f := &finder{peers: b.options.peers}
	if b.tools, err = f.find(ctx, b.options.composes, b.options.goTask); err != nil {
		return err
	}
	b.missing = append(b.missing, f.missing...)
	for _, c := range chosen {
		if c.needsEngine {
			return b.connect(ctx)
		}
	}
	return nil
}

func (b *bench) program(ctx context.Context) (string, error) {
	if b.options.tasks != "" {
		return filepath.Abs(b.options.tasks)
	}
	linked, path := filepath.Join(b.dir, "tasks-linked"), filepath.Join(b.dir, "tasks")
	// As README.md says to install tasks.
	build := command{argv: []string{"go", "build", "-o", linked, "tasks/cmd/tasks"}, env: []string{"CGO_ENABLED=0"}}
	if _, err := build.run(ctx); err != nil {
		return "", fmt.Errorf("building tasks: %w", err)
	}
	return path, install(linked, path)
}

// install writes a program in a single write, like an unpacked or copied file. The kernel then keeps the file in large
// pieces. A linker writes small pieces, and each start of the program is slower by 1 to 2 ms.
func install(linked, path string) error {
	content, err := os.ReadFile(linked)
	if err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o755)
}

// connect opens the connection for the raw calls, and makes an image for this invocation. close removes the image.
func (b *bench) connect(ctx context.Context) (err error) {
	if b.engine.cli, err = client.New(client.FromEnv); err != nil {
		return err
	}
	b.engine.image, err = toolbox.Provide(ctx, b.engine.cli, "LABEL tasks.bench="+b.id)
	if err != nil {
		return fmt.Errorf("%w (-run 'dag|files|list|plan|start' measures what needs no engine)", err)
	}
	return nil
}

// newProject returns a name for a project; close removes the project.
func (b *bench) newProject(of string) string {
	name := fmt.Sprintf("%s-%s-%d", b.id, of, len(b.projects))
	b.projects = append(b.projects, name)
	return name
}

// close removes everything, also after an interrupt.
func (b *bench) close() error {
	err := os.RemoveAll(b.dir)
	if b.engine.cli == nil {
		return err
	}
	defer b.engine.cli.Close()
	for _, project := range b.projects {
		err = errors.Join(err, b.remove(context.Background(), project))
	}
	return errors.Join(err, b.removeImage())
}

func (b *bench) removeImage() error {
	if b.engine.image == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), removeTimeout)
	defer cancel()
	_, err := b.engine.cli.ImageRemove(ctx, b.engine.image, client.ImageRemoveOptions{PruneChildren: true})
	if errdefs.IsNotFound(err) {
		return nil
	}
	return err
}
