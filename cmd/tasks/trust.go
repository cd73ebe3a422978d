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
		Long: "Trust the files in DIR and below, although they belong to another user. Without DIR: the directory of " +
			"the Tasks.hcl.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := a.config().Trust(strings.Join(args, ""))
			if err == nil {
				view.PrintTrusted(a.printer, dir)
			}
			return err
		},
	}
}
