package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"tasks/executor"
	"tasks/internal/durations"
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
	// live follows the steps under way; nil: nothing does.
	live *live
	// stuckReaders names the outputs with readers that stand still; nil: none.
	stuckReaders func() []string
	// textCount counts the printed texts. isInterrupted and hasFailed report on the current run.
	textCount                atomic.Int64
	isInterrupted, hasFailed bool
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

// begin prepares the printer for a plan.
func (p *NoticePrinter) begin(plan *planner.Plan) {
	p.isInterrupted, p.hasFailed = false, false
	p.beginLive(plan)
}

// Notice prints a notice.
func (p *NoticePrinter) Notice(n executor.Notice) {
	p.isInterrupted = p.isInterrupted || n.Kind == executor.Interrupted
	text := p.noticeText(n)
	p.hasFailed = p.hasFailed || n.Kind == executor.Failed
	p.printAbove(n, func() {
		if text != "" {
			p.print(text + "\n")
		}
	})
}

// print writes a permanent text. The caller holds the mutex.
func (p *NoticePrinter) print(text string) {
	p.textCount.Add(1)
	if p.hasPicture() {
		if p.live.directWriters > 0 { // the command, or the echo of a key, may have moved the cursor
			p.live.picture.isCursorUnknown = true
		}
		p.live.picture.erase()
	}
	io.WriteString(p.out, text)
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
		if p.isHidden(n.Verb) || p.showsProgress(n) {
			return ""
		}
		return p.stepLine(n, outputText(n.Text))
	case executor.Done:
		if ended := p.endText(n); ended != "" {
			return p.stepLine(n, ended)
		}
	case executor.Failed:
		p.dropFold(n)
		if task := planner.TaskOf(n.Step); task != nil && task.IsOnce && n.Err == nil && n.ExitReason == "" {
			return "" // the exit code suffices
		}
		return p.stepLine(n, p.failedText(n))
	case executor.Cancelled:
		if task := planner.TaskOf(n.Step); planner.RunsCommand(n.Step) && !task.IsOnce {
			return p.stepLine(n, p.paint(yellow, p.stopWord()+elapsedText(n)))
		}
	case executor.Warned:
		p.dropFold(n)
		return p.warningText(n)
	case executor.Interrupted:
		if n.Requests == 1 && !n.IsCleanup && len(n.Waiting) == 0 {
			return "" // nothing has to end
		}
		return p.paint(yellow, fitText(p.live, p.interruptText(n)))
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
	case n.Verb == planner.PullImage && !p.hasPicture():
		return "pulling"
	}
	return ""
}

// endText is the text for the success of a step.
func (p *NoticePrinter) endText(n executor.Notice) string {
	text := doneText(n)
	switch {
	case !p.Verbose && p.hasPicture():
		return p.live.folds.fold(n, text, p.live.now())
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

// dropFold forgets the kept result of a service after a failure.
func (p *NoticePrinter) dropFold(n executor.Notice) {
	if p.hasPicture() && n.Step != nil && (n.Kind == executor.Failed || n.Elapsed > 0) {
		p.live.folds.take(n.Step)
	}
}

func (p *NoticePrinter) failedText(n executor.Notice) string {
	switch {
	case n.Err != nil:
		return p.paint(red, "failed: "+p.failureText(n.Err))
	case p.isInterrupted && isSignalCode(n.Code):
		return p.paint(yellow, "interrupted"+elapsedText(n))
	case p.isInterrupted:
		return p.paint(yellow, fmt.Sprintf("interrupted: exit code %d%s", n.Code, elapsedText(n)))
	}
	return p.paint(red, "failed: "+exitCodeText(n.Code, n.ExitReason)+elapsedText(n))
}

// stopWord says why an active task was asked to end.
func (p *NoticePrinter) stopWord() string {
	switch {
	case p.isInterrupted:
		return "interrupted"
	case p.hasFailed:
		return "cancelled"
	}
	return "stopped"
}

func (p *NoticePrinter) stepLine(n executor.Notice, text string) string {
	kind, name := n.Step.Subject()
	return fmt.Sprintf("%s  %s", p.paint(dim, kind+" "+plaintext.Escape(name)), text)
}

// doneText is empty for steps without news: existing resources, parts of a larger step.
func doneText(n executor.Notice) string {
	if n.Verb == planner.Skip && planner.TaskOf(n.Step).DisabledReason == "" {
		return "skipped: " + plaintext.Message(cmp.Or(n.Text, "up to date"))
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
	return " (" + durations.Text(n.Elapsed) + ")"
}

func (p *NoticePrinter) paint(code, text string) string { return paintText(p.Color, code, text) }
