package main

import (
	"github.com/spf13/cobra"

	"tasks/internal/lsp"
	"tasks/internal/view"
)

func newLSPCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "lsp",
		Short: "Serve an editor over stdin and stdout, by the Language Server Protocol",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			lsp.LimitMemory()
			server := lsp.NewServer(lsp.Options{
				Config: a.config().Offline(), In: a.stdin, Out: view.ProtocolStdout(a.printer), Log: a.printer.PrintWarning,
				Quiet: lsp.Quiet,
			})
			code, err := server.Run()
			if err != nil {
				return runFailed(err)
			}
			return exitStatus(code)
		},
	}
}
