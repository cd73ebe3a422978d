package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/terminal"
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
	if a.printer.CanAsk() {
		keyboard := a.printer.Terminal()
		defer keyboard.Restore()
		c.editor = terminal.NewLineEditor(keyboard, c.complete)
		return a.runUntilSignal(func(context.Context) error { return c.run() })
	}
	return c.run()
}

// run answers expressions until the end of stdin.
func (c *repl) run() error {
	a := c.app
	for {
		text, err := c.readExpression()
		switch {
		case errors.Is(err, terminal.ErrLineDropped):
			continue
		case errors.Is(err, io.EOF):
			return c.finish()
		case err != nil:
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
	// editor reads from a person at a terminal; nil: stdin is no terminal.
	editor *terminal.LineEditor
	// hasErrors reports whether an expression had no value.
	hasErrors bool
}

// complete returns the names that begin with a word.
func (c *repl) complete(word string) []string {
	return slices.DeleteFunc(c.evaluator.Names(), func(name string) bool { return !strings.HasPrefix(name, word) })
}

// readLine reads a line with its end.
func (c *repl) readLine(prompt string) (string, error) {
	if c.editor == nil {
		return c.lines.ReadString('\n')
	}
	line, err := c.editor.ReadLine(prompt)
	return line + "\n", err
}

// readExpression reads lines until no bracket is open. The error is io.EOF at the end of stdin and at the word exit.
func (c *repl) readExpression() (string, error) {
	var text strings.Builder
	for prompt := "> "; ; prompt = "… " {
		line, err := c.readLine(prompt)
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
	}
}

// evaluate prints the value or the errors of an expression, and skips empty lines and comments.
func (c *repl) evaluate(text string) {
	text = strings.TrimRight(text, "\r\n")
	if trimmed := strings.TrimSpace(text); trimmed == "" || strings.HasPrefix(trimmed, "#") {
		return
	} else if trimmed == "help" {
		c.app.printer.PrintLine(hclspec.ConsoleHelp)
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
	if c.editor != nil {
		c.app.printer.EndPrompt()
		return nil
	}
	if c.hasErrors {
		return exitStatus(codeUsage)
	}
	return nil
}
