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
			document := struct {
				FormatVersion int `json:"format_version"`
				hclspec.Metadata
			}{view.FormatVersion, hclspec.Describe()}
			if err := view.WriteJSON(a.stdout, document); err != nil {
				return &exitError{code: codeRunFailed, err: err}
			}
			return nil
		},
	}
}
