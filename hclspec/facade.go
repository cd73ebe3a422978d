package hclspec

import (
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/secret"
	"tasks/hclspec/internal/shellwords"
	"tasks/internal/suggest"
)

// Package config defines the types of declarations. These are their public names.
type (
	// Source is a file of the language: the name for messages, the absolute path, and the bytes.
	Source = config.Source
	// VariableFiles are files with values of variables.
	VariableFiles = config.VariableFiles
	// TaskKind tells where the command of a task runs.
	TaskKind = config.TaskKind
	// Dependency is a task or a service that a task needs.
	Dependency = config.Dependency
	// Condition is the state of a service that a dependent waits for.
	Condition = config.Condition
	// HostPort is a port of a service with its place on the host as a value: "5432/tcp".
	HostPort = config.HostPort
	// OutputStyle tells how the output of a command is shown.
	OutputStyle = config.OutputStyle
	// Secrets are texts that no output may show. The value is immutable.
	Secrets = secret.Secrets
)

// The kinds of tasks.
const (
	GroupTask   = config.GroupTask
	HostTask    = config.HostTask
	ServiceTask = config.ServiceTask
	ImageTask   = config.ImageTask
)

// The conditions of services.
const (
	Ready     = config.Ready
	Started   = config.Started
	Healthy   = config.Healthy
	Completed = config.Completed
)

// The output styles.
const (
	StyleStream = config.StyleStream
	StylePrefix = config.StylePrefix
	StyleGroup  = config.StyleGroup
	StyleQuiet  = config.StyleQuiet
)

// Masked stands in place of a secret.
const Masked = secret.Masked

// OutputStyles returns the values of output_style.
func OutputStyles() []string { return config.OutputStyles() }

// ParseOutputStyle parses a value of output_style.
func ParseOutputStyle(text string) (OutputStyle, error) { return config.ParseOutputStyle(text) }

// CheckSyntax checks the syntax of one file alone, shell expansions included. The returned file is for the text of
// diagnostics.
func CheckSyntax(source Source) (*hcl.File, hcl.Diagnostics) { return config.CheckSyntax(source) }

// AddRelated gives a diagnostic other places that its detail names, for programs. A range without a file is none.
func AddRelated(d *hcl.Diagnostic, places ...hcl.Range) {
	for _, place := range places {
		if place.Filename != "" {
			diag.AddData(d, diag.Place(place))
		}
	}
}

// QuoteWords writes words so that a POSIX shell reads the same words.
func QuoteWords(words []string) string { return shellwords.Quote(words) }

// Nearest returns the candidate that a name probably means, or "".
func Nearest(name string, candidates []string) string { return suggest.Nearest(name, candidates) }

// NotOneOf is the message for a value that is none of the choices.
func NotOneOf(name, value string, choices []string) string {
	return suggest.NotOneOf(name, value, choices)
}

// DidYouMean renders the nearest candidate as the end of a message: ` Did you mean "x"?`, or nothing.
func DidYouMean(name string, candidates []string) string { return suggest.DidYouMean(name, candidates) }

// TaskResults returns the results of a task after its run, as in task.x.stdout.
func TaskResults() []string { return config.TaskResultNames() }

// ChoicesOf returns the values of an attribute with a fixed set of texts, else nil.
func ChoicesOf(attribute string) []string {
	switch attribute {
	case "dependency_policy":
		return Policies()
	case "output_style":
		return OutputStyles()
	case "mode":
		return []string{"run", "exec"}
	case "tty":
		return []string{"auto"}
	case "on_busy":
		return []string{string(BusyRestart), string(BusyQueue), string(BusyIgnore)}
	}
	return nil
}

// IsTaskName reports whether a text can be the name of a task.
func IsTaskName(text string) bool { return config.TaskNamePattern().MatchString(text) }
