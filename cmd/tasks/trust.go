package main

import (
	"strings"

	"github.com/spf13/cobra"

	"tasks/internal/view"
)

func newTrustCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "trust [DIR]",
		Short: "Trust the files of another user in a directory",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := a.config().Trust(strings.Join(args, ""))
			if err == nil {
				view.PrintTrusted(a.printer, dir)
			}
			return err
		},
	}
}
