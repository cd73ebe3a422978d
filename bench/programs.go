package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// sizes are the numbers of tasks in a list or plan: time must grow no faster than the numbers.
func sizes() []int { return []int{1000, 10000} }

// list measures the listing of many tasks.
func (b *bench) list(ctx context.Context) ([]table, error) {
	var tables []table
	for _, n := range sizes() {
		t, err := b.measurePrograms(ctx, fmt.Sprintf("list %d", n), n, independentShape, []program{
			{"tasks list", b.ownTool(), []string{"list"}},
			{"--list", b.tools.goTask, []string{"--list"}},
			{"--list", b.tools.just, []string{"--list"}},
		})
		if err != nil {
			return tables, err
		}
		t.title = fmt.Sprintf("List %s tasks", thousands(n))
		tables = append(tables, t)
	}
	return tables, nil
}

// plan measures the plan of many dependent tasks.
func (b *bench) plan(ctx context.Context) ([]table, error) {
	var tables []table
	for _, s := range shapes() {
		for _, n := range sizes() {
			last := taskName(n - 1)
			t, err := b.measurePrograms(ctx, fmt.Sprintf("plan %s of %d", s.name, n), n, s.of, []program{
				{"tasks plan", b.ownTool(), []string{"plan", last}},
				{"--dry", b.tools.goTask, []string{"--dry", last}},
				{"--dry-run", b.tools.just, []string{"--dry-run", last}},
				{"-n", b.tools.make, []string{"-n", last}},
			})
			if err != nil {
				return tables, err
			}
			t.title = fmt.Sprintf("Plan %s of %s host tasks", s.name, thousands(n))
			tables = append(tables, t)
		}
	}
	return tables, nil
}

// thousands formats a number for headings.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// ownTool is the name of our program.
func (b *bench) ownTool() *tool { return &tool{argv: []string{b.tasks}} }

// program is a tool, if installed, with its arguments. Our own tool has no name here.
type program struct {
	name string
	tool *tool
	args []string
}

// manyPairs limits the pairs with ten thousand tasks.
const manyPairs = 7

// measurePrograms measures programs in a directory with the same tasks for each.
func (b *bench) measurePrograms(
	ctx context.Context, name string, n int, needs shape, programs []program,
) (table, error) {
	files, dir := taskFiles(n, needs, "echo", "NAME"), filepath.Join(b.dir, strings.ReplaceAll(name, " ", "-"))
	if err := writeFiles(dir, files); err != nil {
		return table{}, err
	}
	pairs := b.options.pairs
	if n > sizes()[0] {
		pairs = min(pairs, manyPairs)
	}
	base := timed(func(context.Context) error { return parse(files["Tasks.hcl"]) })
	rows, err := b.runContest(ctx, name, pairs, competitorsOf(base, dir, taskName(n-1), programs))
	return table{
		base: "HCL's parser alone", rows: rows, metric: wall,
		how: "The base parses the same Tasks.hcl in the measuring process, without starting a process.",
	}, err
}

func parse(source string) error {
	_, diags := hclsyntax.ParseConfig([]byte(source), "Tasks.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		return diags
	}
	return nil
}

// start measures a program without work.
func (b *bench) start(ctx context.Context) ([]table, error) {
	dir := filepath.Join(b.dir, "start")
	if err := writeFiles(dir, map[string]string{"empty.go": "package main\n\nfunc main() {}\n"}); err != nil {
		return nil, err
	}
	empty := filepath.Join(dir, "empty")
	if _, err := output(ctx, "go", "build", "-o", empty, filepath.Join(dir, "empty.go")); err != nil {
		return nil, fmt.Errorf("building an empty program: %w", err)
	}
	base := command{argv: []string{empty}}.run
	rows, err := b.runContest(ctx, "start", b.options.pairs, competitorsOf(base, dir, "", []program{
		{"tasks version", b.ownTool(), []string{"version"}},
		{"--version", b.tools.goTask, []string{"--version"}},
		{"--version", b.tools.just, []string{"--version"}},
		{"--version", b.tools.make, []string{"--version"}},
	}))
	return []table{{
		title: "Start up and say the version", base: "an empty Go program", rows: rows, metric: wall,
		how: "The base is a Go program with an empty main.",
	}}, err
}

// competitorsOf makes competitors of the installed programs.
func competitorsOf(base runner, dir, want string, programs []program) []competitor {
	var contestants []competitor
	for _, p := range programs {
		if p.tool == nil {
			continue
		}
		asked := command{argv: p.tool.with(p.args...), dir: dir, want: want}
		c := competitor{
			name: p.tool.name + " " + p.name, base: base, run: asked.run,
			prepare: asked.runLimited, memory: asked.memory,
		}
		if p.tool.name == "" {
			c.name, c.isOwn = p.name, true
		}
		contestants = append(contestants, c)
	}
	return contestants
}
