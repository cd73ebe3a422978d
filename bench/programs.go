package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// list measures the listing of a thousand tasks.
func (b *bench) list(ctx context.Context) ([]table, error) {
	return b.onFiles(ctx, "list", false, []program{
		{"tasks list", &tool{argv: []string{b.tasks}}, []string{"list"}},
		{"--list", b.tools.goTask, []string{"--list"}},
		{"--list", b.tools.just, []string{"--list"}},
	}, "List 1,000 tasks")
}

// plan measures what a thousand tasks in a chain would do.
func (b *bench) plan(ctx context.Context) ([]table, error) {
	last := lastTask()
	return b.onFiles(ctx, "plan", true, []program{
		{"tasks plan", &tool{argv: []string{b.tasks}}, []string{"plan", last}},
		{"--dry", b.tools.goTask, []string{"--dry", last}},
		{"--dry-run", b.tools.just, []string{"--dry-run", last}},
		{"-n", b.tools.make, []string{"-n", last}},
	}, "Plan a chain of 1,000 host tasks")
}

// program is a tool, if it is there, and what it is asked. The tool without a name is ours.
type program struct {
	name string
	tool *tool
	args []string
}

// onFiles measures programs in a directory that has the same thousand tasks for each.
func (b *bench) onFiles(ctx context.Context, name string, chained bool, programs []program, title string) ([]table, error) {
	files, dir := taskFiles(chained), filepath.Join(b.dir, name)
	if err := writeFiles(dir, files); err != nil {
		return nil, err
	}
	base := timed(func(context.Context) error { return parse(files["Tasks.hcl"]) })
	rows, err := b.compete(ctx, name, b.options.pairs, against(base, dir, lastTask(), programs))
	return []table{{
		title: title, base: "HCL's parser alone", rows: rows, metric: wall,
		how: "The base parses the same Tasks.hcl in the measuring process, without starting one.",
	}}, err
}

func parse(source string) error {
	_, diags := hclsyntax.ParseConfig([]byte(source), "Tasks.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		return diags
	}
	return nil
}

// start measures a program that has nothing to do.
func (b *bench) start(ctx context.Context) ([]table, error) {
	dir := filepath.Join(b.dir, "start")
	if err := writeFiles(dir, map[string]string{"empty.go": "package main\n\nfunc main() {}\n"}); err != nil {
		return nil, err
	}
	empty := filepath.Join(dir, "empty")
	if _, err := output(ctx, "go", "build", "-o", empty, filepath.Join(dir, "empty.go")); err != nil {
		return nil, fmt.Errorf("building an empty program: %w", err)
	}
	rows, err := b.compete(ctx, "start", b.options.pairs, against(command{argv: []string{empty}}.run, dir, "", []program{
		{"tasks version", &tool{argv: []string{b.tasks}}, []string{"version"}},
		{"--version", b.tools.goTask, []string{"--version"}},
		{"--version", b.tools.just, []string{"--version"}},
		{"--version", b.tools.make, []string{"--version"}},
	}))
	return []table{{
		title: "Start up and say the version", base: "an empty Go program", rows: rows, metric: wall,
		how: "The base is a Go program whose main does nothing.",
	}}, err
}

// against makes contestants of the programs that are there.
func against(base runner, dir, want string, programs []program) []contestant {
	var contestants []contestant
	for _, p := range programs {
		if p.tool == nil {
			continue
		}
		run := command{argv: p.tool.with(p.args...), dir: dir, want: want}.run
		c := contestant{
			name: p.tool.name + " " + p.name, base: base, run: run,
			prepare: func(ctx context.Context) error { _, err := run(ctx); return err },
		}
		if p.tool.name == "" {
			c.name, c.ours = p.name, true
		}
		contestants = append(contestants, c)
	}
	return contestants
}
