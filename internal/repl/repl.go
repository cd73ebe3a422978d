// Package repl has the loop of `tasks console`: read an expression of the language, evaluate and print.
package repl

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"

	"tasks/hclspec"
	"tasks/internal/terminal"
	"tasks/internal/view"
)

// REPL reads, evaluates and prints expressions. A REPL is for one goroutine.
type REPL struct {
	printer          *view.Printer
	evaluator        *hclspec.Evaluator
	printDiagnostics func(hclspec.ExpressionResult) error
	lines            *bufio.Reader
	// editor reads from a person at a terminal; nil: stdin is no terminal.
	editor *terminal.LineEditor
	// hasErrors reports whether an expression had no value.
	hasErrors bool
}

// New returns a REPL. printDiagnostics prints the diagnostics of a result.
func New(p *view.Printer, e *hclspec.Evaluator, printDiagnostics func(hclspec.ExpressionResult) error) *REPL {
	return &REPL{printer: p, evaluator: e, printDiagnostics: printDiagnostics}
}

// RunAt answers the expressions of a person at a terminal until the person ends the input.
func (r *REPL) RunAt(keyboard *terminal.Terminal) error {
	r.editor = terminal.NewLineEditor(keyboard, r.complete)
	_, err := r.loop()
	return err
}

// Run answers the expressions of an input without a terminal. isGood reports whether all expressions had a value.
func (r *REPL) Run(stdin io.Reader) (isGood bool, err error) {
	r.lines = bufio.NewReader(stdin)
	return r.loop()
}

// loop answers expressions until the end of the input, or until nothing reads stdout any more.
func (r *REPL) loop() (isGood bool, err error) {
	for {
		text, err := r.readExpression()
		switch {
		case errors.Is(err, terminal.ErrLineDropped):
			continue
		case errors.Is(err, io.EOF):
			if r.editor != nil {
				r.printer.EndPrompt()
			}
			return !r.hasErrors, nil
		case err != nil:
			return false, err
		}
		if r.evaluate(text); r.printer.OutputError() != nil {
			return true, nil // the exit code tells
		}
	}
}

// complete returns the names that begin with a word.
func (r *REPL) complete(word string) []string {
	return slices.DeleteFunc(r.evaluator.Names(), func(name string) bool { return !strings.HasPrefix(name, word) })
}

// readLine reads a line with its end.
func (r *REPL) readLine(prompt string) (string, error) {
	if r.editor == nil {
		return r.lines.ReadString('\n')
	}
	line, err := r.editor.ReadLine(prompt)
	return line + "\n", err
}

// readExpression reads lines until no bracket is open. The error is io.EOF at the end of stdin and at the word exit.
func (r *REPL) readExpression() (string, error) {
	var text strings.Builder
	for prompt := "> "; ; prompt = "… " {
		line, err := r.readLine(prompt)
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
func (r *REPL) evaluate(text string) {
	text = strings.TrimRight(text, "\r\n")
	if trimmed := strings.TrimSpace(text); trimmed == "" || strings.HasPrefix(trimmed, "#") {
		return
	} else if trimmed == "help" {
		r.printer.PrintLine(hclspec.ConsoleHelp)
		return
	}
	evaluated := r.evaluator.Evaluate(text)
	err := r.printDiagnostics(evaluated)
	if err != nil || evaluated.Diagnostics.HasErrors() {
		r.hasErrors = true
		return
	}
	r.printer.PrintLine(evaluated.Value)
}
