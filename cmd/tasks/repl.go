package main

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tasks/hclspec"
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
	c := repl{app: a, evaluator: ws.File.Evaluator(ws.Inputs), lines: bufio.NewReader(a.stdin)}
	c.isInteractive = a.printer.CanAsk()
	for {
		text, err := c.readExpression()
		if errors.Is(err, io.EOF) {
			return c.finish()
		}
		if err != nil {
			return runFailed(err)
		}
		if c.evaluate(text); a.printer.OutputError() != nil {
			return nil // the exit code tells
		}
	}
}

// repl reads, evaluates and prints expressions.
type repl struct {
	app       *app
	evaluator *hclspec.Evaluator
	lines     *bufio.Reader
	// isInteractive reports whether a person at a terminal sees the prompts.
	isInteractive bool
	// hasErrors reports whether an expression had no value.
	hasErrors bool
}

func (c *repl) prompt(text string) {
	if c.isInteractive {
		c.app.printer.Prompt(text)
	}
}

// readExpression reads lines until no bracket is open. The error is io.EOF at the end of stdin and at the word exit.
func (c *repl) readExpression() (string, error) {
	c.prompt("> ")
	var text strings.Builder
	for {
		line, err := c.lines.ReadString('\n')
		text.WriteString(line)
		switch input := text.String(); {
		case err != nil && strings.TrimSpace(input) != "" && errors.Is(err, io.EOF):
			return input, nil
		case err != nil:
			return "", err
		case strings.TrimSpace(input) == "exit":
			return "", io.EOF
		case !hclspec.IsIncompleteExpression(input):
			return input, nil
		}
		c.prompt("… ")
	}
}

// evaluate prints the value or the errors of an expression, and skips empty lines and comments.
func (c *repl) evaluate(text string) {
	text = strings.TrimRight(text, "\r\n")
	if trimmed := strings.TrimSpace(text); trimmed == "" || strings.HasPrefix(trimmed, "#") {
		return
	}
	evaluated := c.evaluator.Evaluate(text)
	err := c.app.printDiagnostics(evaluated.Files, evaluated.Diagnostics)
	if err != nil || evaluated.Diagnostics.HasErrors() {
		c.hasErrors = true
		return
	}
	c.app.printer.PrintLine(evaluated.Value)
}

// finish returns the exit status of the command.
func (c *repl) finish() error {
	if c.isInteractive {
		c.app.printer.EndPrompt()
		return nil
	}
	if c.hasErrors {
		return exitStatus(codeUsage)
	}
	return nil
}
