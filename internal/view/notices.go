package view

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"tasks/executor"
	"tasks/internal/plaintext"
	"tasks/planner"
)

// NoticePrinter writes a line for each visible notice. Safe for concurrent use.
type NoticePrinter struct {
	mu  sync.Mutex
	out io.Writer
	NoticeOptions
	// failureText renders the error of a failed step.
	failureText func(error) string
	// live is the live display; nil: lines only.
	live *live
}

// NoticeOptions are the user's choices for notices.
type NoticeOptions struct {
	Color bool
	// Quiet leaves out all but failures and warnings.
	Quiet bool
	// QuietPull leaves out the progress of pulls and builds, like Compose; QuietBuild only the progress of builds.
	QuietPull, QuietBuild bool
	// Verbose prints the start of every step with the reason, and the end.
	Verbose bool
}

// NewNoticePrinter returns a printer for out. failureText renders errors.
func NewNoticePrinter(out io.Writer, o NoticeOptions, failure func(error) string) *NoticePrinter {
	return &NoticePrinter{out: out, NoticeOptions: o, failureText: failure}
}

// Notice prints a notice.
func (p *NoticePrinter) Notice(n executor.Notice) {
	text := p.noticeText(n)
	p.printAbove(n, func() {
		if text != "" {
			fmt.Fprintln(p.out, text)
		}
	})
}

func (p *NoticePrinter) noticeText(n executor.Notice) string {
	if p.Quiet && (n.Kind == executor.Started || n.Kind == executor.Progressed || n.Kind == executor.Done) {
		return ""
	}
	switch n.Kind {
	case executor.Started:
		if started := p.startText(n); started != "" {
			return p.stepLine(n, started)
		}
	case executor.Progressed:
		if p.isHidden(n.Verb) || p.live.showsProgress(n) {
			return ""
		}
		return p.stepLine(n, outputText(n.Text))
	case executor.Done:
		if ended := p.endText(n); ended != "" {
			return p.stepLine(n, ended)
		}
	case executor.Failed:
		if a, ok := n.Step.Action.(*planner.RunOneOff); ok && a.Task.IsOnce && n.Err == nil {
			return "" // the exit code suffices
		}
		return p.stepLine(n, p.paint(red, p.failedText(n)))
	case executor.Warned:
		return p.warningText(n)
	case executor.Interrupted:
		return p.paint(yellow, plaintext.Escape(n.Text)+": forwarding to running commands; press again to kill")
	}
	return ""
}

// outputText renders text with output of commands or builds: without colours, and without control characters.
func outputText(text string) string { return plaintext.Message(plaintext.WithoutColors(text)) }

// startText is the text for the start of a step.
func (p *NoticePrinter) startText(n executor.Notice) string {
	switch {
	case p.Verbose && len(n.Step.Reason) > 0:
		return p.paint(dim, string(n.Verb)+": "+plaintext.Escape(n.Step.Reason.String()))
	case p.Verbose:
		return p.paint(dim, string(n.Verb))
	case n.Verb == planner.PullImage && p.live == nil:
		return "pulling"
	}
	return ""
}

// endText is the text for the success of a step.
func (p *NoticePrinter) endText(n executor.Notice) string {
	text := doneText(n)
	switch {
	case !p.Verbose:
		return text
	case text == "":
		text = "done: " + string(n.Verb)
	}
	if took := elapsedText(n); !strings.HasSuffix(text, took) {
		text += took
	}
	return text
}

// isHidden reports whether the progress of an action stays hidden.
func (p *NoticePrinter) isHidden(part planner.Verb) bool {
	switch part {
	case planner.PullImage:
		return p.QuietPull
	case planner.BuildImage:
		return p.QuietPull || p.QuietBuild
	}
	return false
}

func (p *NoticePrinter) warningText(n executor.Notice) string {
	text := outputText(n.Text)
	if n.Err != nil {
		text = p.failureText(n.Err) + " (not required: going on)"
	}
	text = p.paint(yellow, "warning: "+text)
	if n.Step == nil {
		return text
	}
	return p.stepLine(n, text)
}

func (p *NoticePrinter) failedText(n executor.Notice) string {
	if n.Err != nil {
		return "failed: " + p.failureText(n.Err)
	}
	return fmt.Sprintf("failed: exit code %d%s", n.Code, elapsedText(n))
}

func (p *NoticePrinter) stepLine(n executor.Notice, text string) string {
	kind, name := n.Step.Subject()
	return fmt.Sprintf("%s  %s", p.paint(dim, kind+" "+plaintext.Escape(name)), text)
}

// doneText is empty for steps without news: existing resources, parts of a larger step.
func doneText(n executor.Notice) string {
	if n.Verb == planner.Skip && planner.TaskOf(n.Step).DisabledReason == "" {
		return "skipped: up to date"
	}
	switch a := n.Step.Action.(type) {
	case *planner.StartService:
		switch {
		case n.Verb == planner.Unpause:
			return "unpaused"
		case n.Verb != planner.Reuse:
			return "started"
		case a.HasCompleted:
			return "reused: it has completed successfully"
		default:
			return "reused: it runs already, its configuration is unchanged"
		}
	case *planner.StopService:
		if n.Verb == planner.Reuse {
			return ""
		}
		return "stopped, to be started again" + elapsedText(n)
	case *planner.WaitService:
		if n.Verb == planner.Reuse {
			return ""
		}
		return waitedText(a) + elapsedText(n)
	case *planner.RunOneOff:
		switch {
		case a.Task.IsOnce:
			return "" // like docker-compose run: only the command writes
		case a.Task.Detach:
			return "started in the background"
		}
		return "done" + elapsedText(n)
	case *planner.RunHost, *planner.RunExec:
		return "done" + elapsedText(n)
	case *planner.JoinGroup:
		return ""
	case *planner.NoOp:
		return "skipped: " + plaintext.Message(a.Task.DisabledReason)
	case *planner.InspectService:
		return "found"
	case *planner.RemoveContainer, *planner.RemoveNetwork, *planner.RemoveVolume:
		if n.Verb == planner.Reuse {
			return "" // in use again
		}
	case *planner.CreateOneOff, *planner.InspectPorts:
		return ""
	}
	return pastTense(n.Verb, elapsedText(n))
}

func waitedText(a *planner.WaitService) string {
	if a.Readiness.HasProbe() {
		return "ready"
	}
	switch a.Condition {
	case "service_completed_successfully":
		return "completed"
	case "service_healthy":
		return "healthy"
	default:
		return "ready"
	}
}

func pastTense(v planner.Verb, elapsed string) string {
	switch v {
	case planner.Create:
		return "created" + elapsed
	case planner.Recreate:
		return "recreated" + elapsed
	case planner.PullImage:
		return "pulled" + elapsed
	case planner.BuildImage:
		return "built" + elapsed
	case planner.Remove:
		return "removed" + elapsed
	}
	return ""
}

func elapsedText(n executor.Notice) string {
	return fmt.Sprintf(" (%s)", n.Elapsed.Round(10*time.Millisecond))
}

const (
	red    = "31"
	yellow = "33"
	dim    = "2"
)

func (p *NoticePrinter) paint(code, text string) string {
	if !p.Color {
		return text
	}
	first, rest, hasRest := strings.Cut(text, "\n")
	painted := "\x1b[" + code + "m" + first + "\x1b[0m"
	if hasRest {
		painted += "\n" + rest
	}
	return painted
}
