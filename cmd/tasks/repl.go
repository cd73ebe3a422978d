package main

import (
	"context"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/repl"
)

func newConsoleCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "console",
		Short: "Evaluate expressions of the language, line by line",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return runREPL(a) },
	}
}

// runREPL performs `tasks console`.
func runREPL(a *app) error {
	if err := a.flags.CheckVars(); err != nil {
		return err
	}
	ws, err := a.openWorkspace(a.config().Offline())
	if err != nil {
		return err
	}
	loop := repl.New(a.printer, ws.File.Evaluator(ws.Inputs), func(result hclspec.ExpressionResult) error {
		return a.printDiagnostics(result.Files, result.Diagnostics)
	})
	if a.printer.CanAsk() {
		keyboard := a.printer.Terminal()
		defer keyboard.Restore()
		return a.runUntilSignal(func(context.Context) error { return runFailed(loop.RunAt(keyboard)) })
	}
	isGood, err := loop.Run(a.stdin)
	if err == nil && !isGood {
		return exitStatus(codeUsage)
	}
	return runFailed(err)
}
