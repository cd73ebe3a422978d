package main

import (
	"github.com/spf13/cobra"

	"tasks/internal/view"
)

func newVersionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			view.PrintVersion(a.printer, a.env.Version)
			return nil
		},
	}
}
