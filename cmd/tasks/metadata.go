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
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			return runFailed(view.PrintMetadata(a.printer, hclspec.Describe()))
		},
	}
}
