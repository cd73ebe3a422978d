package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tasks/hclspec"
	"tasks/internal/starter"
)

func newInitCommand(a *app) *cobra.Command {
	options := starter.Options{RunCall: a.runCall}
	cmd := &cobra.Command{
		Use:   "init [flags]",
		Short: "Write a first Tasks.hcl from the compose file, or from files of other tools",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			file, err := starter.Make(a.config().Offline(), options)
			if ws := starter.WorkspaceOf(err); ws != nil {
				return a.report(ws, nil, err)
			}
			if err != nil {
				return usageError("%s", err)
			}
			return runFailed(file.Write(a.printer, options.IsPrint))
		},
	}
	cmd.Flags().Var((*stringSlice)(&options.From), "from", "also make tasks from `FILE` of another tool (repeatable)")
	cmd.Flags().BoolVar(&options.IsPrint, "print", false, "write to stdout, and no file")
	return cmd
}

// runCall parses the words after `docker compose run`. runCall implements [starter.RunCall].
func (a *app) runCall(dir string, words []string) (string, []string, hclspec.Options, error) {
	set := pflag.NewFlagSet("run", pflag.ContinueOnError)
	set.SetInterspersed(false)
	flags, caller := newRunOptions(set, removeContainer), *a
	caller.env.WorkingDir = dir
	if err := set.Parse(words); err != nil || set.NArg() == 0 || len(flags.flagsWithoutAttribute()) > 0 {
		return "", nil, hclspec.Options{}, usageError("flags without an attribute, or no service")
	}
	options, err := flags.taskOptions(&caller)
	return set.Arg(0), set.Args()[1:], options, err
}
