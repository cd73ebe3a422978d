package main

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"tasks/executor/command"
	"tasks/hclspec"
	"tasks/internal/interrupt"
	"tasks/internal/view"
	"tasks/internal/workspace"
)

// Exit codes of the command line itself (docs/commands.md).
const (
	codeUsage     = 2
	codeRunFailed = 125

	codeReaderGone = command.CodeReaderGone
)

// exitError ends the program with an exit code. A nil err prints nothing.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

// Unwrap returns the cause.
func (e *exitError) Unwrap() error { return e.err }

// usageError returns an error about the command line.
func usageError(format string, args ...any) error {
	return &exitError{code: codeUsage, err: fmt.Errorf(format, args...)}
}

// runFailed returns an error outside of the files and the command line; nil, where err is nil.
func runFailed(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{code: codeRunFailed, err: err}
}

// exitStatus ends the program with an exit code and without a message; nil for 0.
func exitStatus(code int) error {
	if code == 0 {
		return nil
	}
	return &exitError{code: code}
}

// exitErrorOf returns the exit code and the message of an error. Errors without a code of their own, such as errors
// of cobra, are about the command line.
func exitErrorOf(err error) *exitError {
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit
	}
	if stopped, ok := errors.AsType[*interrupt.Error](err); ok {
		if stopped.IsKey() {
			err = nil // the person knows
		}
		return &exitError{code: interrupt.Code(stopped.Signal), err: err}
	}
	if _, ok := errors.AsType[*workspace.RunError](err); ok {
		return &exitError{code: codeRunFailed, err: err}
	}
	return &exitError{code: codeUsage, err: err}
}

// diagnosticsError carries diagnostics with at least one error to [app.printError].
type diagnosticsError struct {
	files map[string]*hcl.File
	diags hcl.Diagnostics
}

func (e *diagnosticsError) Error() string { return e.diags.Error() }

// diagnosticsCode returns the exit code of a command with these diagnostics; 0, where none is an error.
func diagnosticsCode(diags hcl.Diagnostics) int {
	switch {
	case hclspec.HasOnlyUnmetPreconditions(diags):
		return codeRunFailed // the file is right
	case diags.HasErrors():
		return codeUsage
	}
	return 0
}

// exitCode prints the error of a command, and returns the exit code. A lost reader of stdout ends every command alike,
// without a message.
func (a *app) exitCode(err error) int {
	a.printer.EndDisplay()
	outputErr := a.printer.OutputError()
	switch {
	case view.IsReaderGone(outputErr) || view.IsReaderGone(err):
		return codeReaderGone
	case outputErr != nil:
		return a.printError(runFailed(outputErr))
	case err != nil:
		return a.printError(err)
	}
	return 0
}

// printError prints an error, and returns the exit code.
func (a *app) printError(err error) int {
	exit := exitErrorOf(err)
	found, ok := errors.AsType[*diagnosticsError](exit.err)
	switch {
	case exit.err == nil:
	case !ok:
		a.printer.PrintError(exit.err)
	default:
		if err := a.printDiagnostics(found.files, found.diags); err != nil {
			a.printer.PrintError(err)
			return codeUsage
		}
	}
	return exit.code
}

// report prints diagnostics without errors at once. Diagnostics with errors, and err, are returned for
// [app.printError].
func (a *app) report(ws *workspace.Workspace, diags hcl.Diagnostics, err error) error {
	if blockDiags, ok := errors.AsType[hcl.Diagnostics](workspace.ExplainCompose(ws, err)); ok {
		diags, err = append(diags, blockDiags...), nil
	}
	if diags.HasErrors() {
		return &exitError{code: diagnosticsCode(diags), err: &diagnosticsError{ws.SourceFiles(), diags}}
	}
	if printErr := a.printDiagnostics(ws.SourceFiles(), diags); printErr != nil {
		return printErr
	}
	return err
}

// reporter returns [app.report] for the files of a workspace.
func (a *app) reporter(ws *workspace.Workspace) func(hcl.Diagnostics, error) error {
	return func(diags hcl.Diagnostics, err error) error { return a.report(ws, diags, err) }
}
