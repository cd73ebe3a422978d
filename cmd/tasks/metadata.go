package main

import (
	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/view"
)

func newMetadataCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "metadata",
		Short: "Print the language's blocks, attributes and functions as JSON, for editors",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := view.PrintMetadata(a.printer, hclspec.Describe()); err != nil {
				return &exitError{code: codeRunFailed, err: err}
			}
			return nil
		},
	}
}
