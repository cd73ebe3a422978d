package main

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	"tasks/internal/view"
)

// version returns the version of the module, else the commit of the build.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel-" + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}

func newVersionCommand(a *app) *cobra.Command {
	isJSON := false
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			return view.PrintVersion(a.printer, version(), isJSON)
		},
	}
	cmd.Flags().BoolVar(&isJSON, "json", false, "print JSON")
	return cmd
}
