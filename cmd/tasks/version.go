package main

import (
	"github.com/spf13/cobra"

	"tasks/internal/view"
)

func newVersionCommand(a *app) *cobra.Command {
	isJSON := false
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			return view.PrintVersion(a.printer, a.env.Version, isJSON)
		},
	}
	cmd.Flags().BoolVar(&isJSON, "json", false, "print JSON")
	return cmd
}
