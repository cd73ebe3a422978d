package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tasks/hclspec"
	"tasks/internal/view"
)

// codePlanCreates ends `tasks plan --detailed-exitcode` where something has to be created.
const codePlanCreates = 3

func newPlanCommand(a *app) *cobra.Command {
	var options *runOptions
	var format graphFormat
	var detailedExitCode bool
	cmd := &cobra.Command{
		Use: "plan [flags] TASK [WORDS...] [::: TASK [WORDS...]]...",

		ValidArgsFunction: a.completeTasks,
		Short:             "Show what a run would do, and why; change nothing",
		RunE: func(_ *cobra.Command, args []string) error {
			if err := format.check(); err != nil {
				return err
			}
			targets, err := a.targets("plan", args, options)
			if err != nil {
				return err
			}
			p, err := a.planTargets(context.Background(), targets...)
			if err != nil {
				return err
			}
			if err := a.showPlan(p, format); err != nil {
				return &exitError{code: codeRunFailed, err: err}
			}
			if detailedExitCode && p.Plan.CreatesResources() {
				return &exitError{code: codePlanCreates}
			}
			return nil
		},
	}
	cmd.Flags().SetInterspersed(false)
	options = newRunOptions(cmd.Flags(), removeContainer)
	format.add(cmd.Flags())
	cmd.Flags().BoolVar(&detailedExitCode, "detailed-exitcode", false, "end with 3 where a network, volume, image or service container has to be created")
	return cmd
}

// showPlan prints a plan in the form that is asked for.
func (a *app) showPlan(p *PlannedRun, d graphFormat) error {
	switch {
	case d.asJSON:
		return view.PrintPlanDocument(a.printer, p.Plan)
	case d.format != "":
		return view.PrintDrawing(a.printer, view.PlanGraph(p.Plan, p.Plan.DisplayNames(a.printer.Mask)), d.format)
	}
	return view.PrintPlan(a.printer, p.Plan)
}

// printPlan prints the plan of a run.
func (a *app) printPlan(makePlan func(context.Context) (*PlannedRun, error)) error {
	p, err := makePlan(context.Background())
	if err != nil {
		return err
	}
	return a.showPlan(p, graphFormat{})
}

// graphFormat are the flags that say how a graph is shown; none: as text.
type graphFormat struct {
	asJSON bool
	format string
}

func (d *graphFormat) add(flags *pflag.FlagSet) {
	flags.BoolVar(&d.asJSON, "json", false, "print JSON")
	flags.StringVar(&d.format, "format", "", "draw it in the language of Graphviz or Mermaid: `FORMAT` is dot or mermaid")
}

func (d *graphFormat) check() error {
	switch {
	case d.format != "" && d.format != "dot" && d.format != "mermaid":
		return usageError("--format %s: it is dot or mermaid.%s", d.format, hclspec.DidYouMean(d.format, []string{"dot", "mermaid"}))
	case d.format != "" && d.asJSON:
		return usageError("--json and --format exclude each other")
	}
	return nil
}
