package view

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"tasks/executor"
	"tasks/planner"
)

// Plain writes a line for each notice that a user wants to see. Safe for use by several goroutines.
type Plain struct {
	mu  sync.Mutex
	out io.Writer
	Options
	// failure renders the error of a failed step.
	failure func(error) string
	// live is nil where there are lines alone.
	live *live
}

// Options are what a user may choose of the looks.
type Options struct {
	Color bool
	// Quiet leaves out all but failures and warnings.
	Quiet bool
	// QuietPull leaves out the progress of pulls, and of builds too, as Compose does; QuietBuild that of builds alone.
	QuietPull, QuietBuild bool
	// Verbose tells of every step when it begins, with its reason, and when it ends.
	Verbose bool
}

// NewPlain returns a renderer that writes to out; failure turns errors into text.
func NewPlain(out io.Writer, o Options, failure func(error) string) *Plain {
	return &Plain{out: out, Options: o, failure: failure}
}

// Notice shows one notice.
func (p *Plain) Notice(n executor.Notice) {
	text := p.text(n)
	p.above(n, func() {
		if text != "" {
			fmt.Fprintln(p.out, text)
		}
	})
}

func (p *Plain) text(n executor.Notice) string {
	if p.Quiet && (n.Happening == executor.Started || n.Happening == executor.Progressed || n.Happening == executor.Done) {
		return ""
	}
	switch n.Happening {
	case executor.Started:
		if began := p.began(n); began != "" {
			return p.line(n, began)
		}
	case executor.Progressed:
		if p.hides(n.Verb) || p.live.shows(n) {
			return ""
		}
		return p.line(n, n.Text)
	case executor.Done:
		if done := p.done(n); done != "" {
			return p.line(n, done)
		}
	case executor.Failed:
		if a, ok := n.Step.Action.(*planner.RunOneOff); ok && a.Task.Once && n.Err == nil {
			return "" // the exit code tells
		}
		return p.line(n, p.paint(red, p.failed(n)))
	case executor.Warned:
		return p.warning(n)
	case executor.Interrupted:
		return p.paint(yellow, n.Text+": passing it on, then cleaning up; once more to kill")
	}
	return ""
}

// began is what is told of a step that begins.
func (p *Plain) began(n executor.Notice) string {
	switch {
	case p.Verbose && n.Step.Reason != "":
		return p.paint(dim, string(n.Verb)+": "+n.Step.Reason)
	case p.Verbose:
		return p.paint(dim, string(n.Verb))
	case n.Verb == planner.PullImage && p.live == nil:
		return "pulling"
	}
	return ""
}

// done is what is told of a step that has ended well.
func (p *Plain) done(n executor.Notice) string {
	text := doneText(n)
	switch {
	case !p.Verbose:
		return text
	case text == "":
		text = "done: " + string(n.Verb)
	}
	if took := elapsed(n); !strings.HasSuffix(text, took) {
		text += took
	}
	return text
}

// hides says whether lines of a part of a step are not to be shown.
func (p *Plain) hides(part planner.Verb) bool {
	switch part {
	case planner.PullImage:
		return p.QuietPull
	case planner.BuildImage:
		return p.QuietPull || p.QuietBuild
	}
	return false
}

func (p *Plain) warning(n executor.Notice) string {
	text := n.Text
	if n.Err != nil {
		text = p.failure(n.Err) + " (not required: going on)"
	}
	text = p.paint(yellow, "warning: "+text)
	if n.Step == nil {
		return text
	}
	return p.line(n, text)
}

func (p *Plain) failed(n executor.Notice) string {
	if n.Err != nil {
		return "failed: " + p.failure(n.Err)
	}
	return fmt.Sprintf("failed: exit code %d%s", n.Code, elapsed(n))
}

func (p *Plain) line(n executor.Notice, text string) string {
	kind, name := n.Step.What()
	return fmt.Sprintf("%s  %s", p.paint(dim, kind+" "+name), text)
}

// doneText is empty for what goes without saying: things that were there already, parts of a greater whole.
func doneText(n executor.Notice) string {
	if n.Verb == planner.Skip && planner.TaskOf(n.Step).Disabled == "" {
		return "skipped: up to date"
	}
	switch a := n.Step.Action.(type) {
	case *planner.StartService:
		switch {
		case n.Verb == planner.Unpause:
			return "unpaused"
		case n.Verb != planner.Reuse:
			return "started"
		case a.Finished:
			return "reused: it has completed successfully"
		default:
			return "reused: it runs already, its configuration is unchanged"
		}
	case *planner.StopService:
		if n.Verb == planner.Reuse {
			return ""
		}
		return "stopped, to be started again" + elapsed(n)
	case *planner.WaitService:
		if n.Verb == planner.Reuse {
			return ""
		}
		return waited(a) + elapsed(n)
	case *planner.RunOneOff:
		switch {
		case a.Task.Once:
			return "" // as with docker-compose run, the command alone is heard
		case a.Task.Detach:
			return "started in the background"
		}
		return "done" + elapsed(n)
	case *planner.RunHost, *planner.RunExec:
		return "done" + elapsed(n)
	case *planner.JoinGroup:
		if a.Task.Disabled != "" {
			return "skipped: " + a.Task.Disabled
		}
		return ""
	case *planner.LookService:
		return "found"
	case *planner.RemoveOrphan, *planner.RemoveNetwork, *planner.RemoveVolume:
		if n.Verb == planner.Reuse {
			return "" // somebody uses it after all
		}
	case *planner.CreateOneOff, *planner.LookPorts:
		return ""
	}
	return pastTense(n.Verb, elapsed(n))
}

func waited(a *planner.WaitService) string {
	if a.Ready.HasProbe() {
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

func elapsed(n executor.Notice) string {
	return fmt.Sprintf(" (%s)", n.Elapsed.Round(10*time.Millisecond))
}

const (
	red    = "31"
	yellow = "33"
	dim    = "2"
)

func (p *Plain) paint(code, text string) string {
	if !p.Color {
		return text
	}
	first, rest, more := strings.Cut(text, "\n")
	painted := "\x1b[" + code + "m" + first + "\x1b[0m"
	if more {
		painted += "\n" + rest
	}
	return painted
}
