package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/terminal"
)

func newConsoleCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "console",
		Short: "Evaluate expressions of the language, line by line",
		Long:  "Evaluate expressions as Tasks.hcl would, one in a line of stdin; an open bracket goes on in the next line. At a terminal\nCtrl-D or exit ends it; otherwise the exit code is 2 if an expression was wrong.",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.evaluateLines() },
	}
}

func (a *app) evaluateLines() error {
	if err := a.checkFlags(); err != nil {
		return err
	}
	a.offline = true
	ws, err := a.open()
	if err != nil {
		return err
	}
	c := evaluator{app: a, console: ws.file.Console(ws.inputs), lines: bufio.NewReader(a.stdin)}
	c.asks = terminal.New(a.stdin, a.stderr).IsTerminal()
	for {
		text, err := c.expression()
		if errors.Is(err, io.EOF) {
			return c.end()
		}
		if err != nil {
			return &exitError{code: codeRunFailed, err: err}
		}
		c.answer(text)
	}
}

// evaluator is one session of `tasks console`.
type evaluator struct {
	app     *app
	console *hclspec.Console
	lines   *bufio.Reader
	// asks says that somebody sits at a terminal and is shown where to write.
	asks bool
	// wrong says that an expression had no value.
	wrong bool
}

func (c *evaluator) prompt(text string) {
	if c.asks {
		fmt.Fprint(c.app.stderr, text)
	}
}

// expression reads lines until no bracket is open. Its error is io.EOF at the end, also at the word exit.
func (c *evaluator) expression() (string, error) {
	c.prompt("> ")
	var text strings.Builder
	for {
		line, err := c.lines.ReadString('\n')
		text.WriteString(line)
		switch all := text.String(); {
		case err != nil && strings.TrimSpace(all) != "" && errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return "", err
		case strings.TrimSpace(all) == "exit":
			return "", io.EOF
		case !hclspec.Unfinished(all):
			return all, nil
		}
		c.prompt("… ")
	}
}

// answer prints the value of an expression, or what is wrong with it. Empty lines and comments have none.
func (c *evaluator) answer(text string) {
	text = strings.TrimRight(text, "\r\n")
	if trimmed := strings.TrimSpace(text); trimmed == "" || strings.HasPrefix(trimmed, "#") {
		return
	}
	answer := c.console.Evaluate(text)
	if err := c.app.diagnose(answer.Files, answer.Diagnostics); err != nil {
		c.wrong = true
		return
	}
	fmt.Fprintln(c.app.stdout, answer.Value)
}

func (c *evaluator) end() error {
	if c.asks {
		fmt.Fprintln(c.app.stderr)
		return nil
	}
	if c.wrong {
		return &exitError{code: codeUsage}
	}
	return nil
}
