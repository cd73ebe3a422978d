package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tasks/hclspec"
	"tasks/internal/view"
)

// codePlanCreates ends `tasks plan --detailed-exitcode` where something has to be created.
const codePlanCreates = 3

func newPlanCommand(a *app) *cobra.Command {
	var options *runOptions
	var drawing drawing
	var detailed bool
	cmd := &cobra.Command{
		Use: "plan [flags] TASK [WORDS...] [::: TASK [WORDS...]]...",

		ValidArgsFunction: a.completeTasks,
		Short:             "Show what a run would do, and why; change nothing",
		RunE: func(_ *cobra.Command, args []string) error {
			if err := drawing.check(); err != nil {
				return err
			}
			targets, err := a.targets("plan", args, options)
			if err != nil {
				return err
			}
			p, err := a.prepare(context.Background(), targets...)
			if err != nil {
				return err
			}
			if err := a.showPlan(p, drawing); err != nil {
				return &exitError{code: codeRunFailed, err: err}
			}
			if detailed && p.plan.Creates() {
				return &exitError{code: codePlanCreates}
			}
			return nil
		},
	}
	cmd.Flags().SetInterspersed(false)
	options = newRunOptions(cmd.Flags(), removed)
	drawing.add(cmd.Flags())
	cmd.Flags().BoolVar(&detailed, "detailed-exitcode", false, "end with 3 where a network, volume, image or service container has to be created")
	return cmd
}

// showPlan prints a plan in the form that is asked for.
func (a *app) showPlan(p *prepared, d drawing) error {
	shown := p.plan.Shown(a.secrets.mask)
	switch {
	case d.json:
		return view.WriteJSON(a.out(), view.NewPlanDocument(p.plan, shown, hclspec.Records(p.ws.file.Files(), p.plan.Diagnostics)))
	case d.format != "":
		return d.draw(a, view.PlanGraph(p.plan, shown))
	}
	_, err := fmt.Fprint(a.out(), p.plan.String())
	return err
}

// printPlan prints the plan of a run.
func (a *app) printPlan(prepare func(context.Context) (*prepared, error)) error {
	p, err := prepare(context.Background())
	if err != nil {
		return err
	}
	return a.showPlan(p, drawing{})
}

// drawing are the flags that say how a graph is shown; none: as text.
type drawing struct {
	json   bool
	format string
}

func (d *drawing) add(flags *pflag.FlagSet) {
	flags.BoolVar(&d.json, "json", false, "print JSON")
	flags.StringVar(&d.format, "format", "", "draw it in the language of Graphviz or Mermaid: `FORMAT` is dot or mermaid")
}

func (d *drawing) check() error {
	switch {
	case d.format != "" && d.format != "dot" && d.format != "mermaid":
		return usageError("--format %s: it is dot or mermaid.%s", d.format, hclspec.DidYouMean(d.format, []string{"dot", "mermaid"}))
	case d.format != "" && d.json:
		return usageError("--json and --format exclude each other")
	}
	return nil
}

// draw writes a graph in the format that is asked for.
func (d *drawing) draw(a *app, g view.Graph) error {
	if d.format == "dot" {
		return g.WriteDOT(a.out())
	}
	return g.WriteMermaid(a.out())
}
