package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tasks/hclspec"
	"tasks/internal/view"
	"tasks/internal/workspace"
)

// codePlanCreates is the exit code of `tasks plan --detailed-exitcode` for a plan with a creation.
const codePlanCreates = 3

func newPlanCommand(a *app) *cobra.Command {
	var options *runOptions
	var format graphFormat
	var detailedExitCode bool
	cmd := &cobra.Command{
		Use: "plan [flags] TASK [WORDS...] [::: TASK [WORDS...]]...",

		ValidArgsFunction: completer{a}.completeTasks,
		Short:             "Show what a run would do, and why; change nothing",
		RunE: func(_ *cobra.Command, args []string) error {
			if err := format.check(); err != nil {
				return err
			}
			request, err := newTargetRequest(a, "plan", args, options)
			if err != nil {
				return err
			}
			p, err := request.plan(context.Background(), a.config())
			if err != nil {
				return err
			}
			if err := showPlan(a, p, format); err != nil {
				return runFailed(err)
			}
			if detailedExitCode && p.Plan.CreatesResources() {
				return exitStatus(codePlanCreates)
			}
			return nil
		},
	}
	cmd.Flags().SetInterspersed(false)
	options = newRunOptions(cmd.Flags(), removeContainer)
	format.add(cmd.Flags())
	cmd.Flags().BoolVar(&detailedExitCode, "detailed-exitcode", false,
		"end with 3 where a network, volume, image or service container has to be created")
	return cmd
}

// showPlan prints a plan in a format.
func showPlan(a *app, p *workspace.Run, format graphFormat) error {
	switch {
	case format.asJSON:
		return view.PrintPlanDocument(a.printer, p.Plan)
	case format.format != "":
		return view.PrintDrawing(a.printer, view.PlanGraph(p.Plan, p.Plan.DisplayNames(a.printer.Mask)), format.format)
	}
	return view.PrintPlan(a.printer, p.Plan)
}

// printPlan plans a run and prints the plan.
func printPlan(a *app, plan planFunc) error {
	p, err := plan(context.Background(), a.config())
	if err != nil {
		return err
	}
	return showPlan(a, p, graphFormat{})
}

// graphFormat holds the flags for the format of a graph. The zero value means text.
type graphFormat struct {
	asJSON bool
	format string
}

func (d *graphFormat) add(flags *pflag.FlagSet) {
	flags.BoolVar(&d.asJSON, "json", false, "print JSON")
	flags.StringVar(&d.format, "format", "",
		"draw it in the language of Graphviz or Mermaid: `FORMAT` is dot or mermaid")
}

func (d *graphFormat) check() error {
	switch {
	case d.format != "" && d.format != "dot" && d.format != "mermaid":
		return usageError("%s", hclspec.NotOneOf("--format", d.format, []string{"dot", "mermaid"}))
	case d.format != "" && d.asJSON:
		return usageError("--json and --format exclude each other")
	}
	return nil
}
