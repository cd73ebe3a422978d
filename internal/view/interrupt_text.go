package view

import (
	"fmt"
	"strings"

	"tasks/executor"
	"tasks/internal/plaintext"
)

// maxWaiting is the number of names in a message about a signal.
const maxWaiting = 3

// interruptText is the message about a signal to stop: what happens now, what is waited for, and what the next signal
// does.
func (p *NoticePrinter) interruptText(n executor.Notice) string {
	waiting := n.Waiting
	if p.stuckReaders != nil {
		waiting = append(p.stuckReaders(), waiting...)
	}
	text, hint := "stopping, then cleaning up…", "Ctrl-C again to kill"
	switch {
	case n.Requests >= 2:
		text, hint = "killing, then ending within 5 s…", "Ctrl-C again to end at once"
	case n.IsCleanup:
		text, hint = "cleaning up…", "Ctrl-C again to end within 5 s"
	}
	if len(waiting) > 0 {
		text += " waiting for " + joinSome(waiting)
	}
	return plaintext.Escape(fmt.Sprintf("%s: %s (%s)", signalText(n.Text), text, hint))
}

// fitText breaks a message between words at a terminal. Secrets are masked first, because a break may be within one.
func fitText(l *live, text string) string {
	if l == nil || l.picture == nil {
		return text
	}
	const indent = "  "
	_, width := l.picture.size()
	return strings.Join(WrapWords(l.mask(text), width-1-len(indent)), "\n"+indent)
}

// signalText is the word for a signal at the beginning of a message.
func signalText(name string) string {
	switch name {
	case "interrupt":
		return "Interrupted"
	case "terminated":
		return "Terminated"
	case "hangup":
		return "Hung up"
	case "quit":
		return "Quit"
	}
	return "Signal " + name
}

// joinSome joins the first names, and counts the rest.
func joinSome(names []string) string {
	if len(names) <= maxWaiting {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxWaiting], ", "), len(names)-maxWaiting)
}

// PrintReleasing reports a signal while a session at its end waits for the release of shared resources.
func PrintReleasing(p *Printer, signal string) {
	n := executor.Notice{Text: signal, IsCleanup: true, Waiting: []string{"what only this run has used"}}
	text := (&NoticePrinter{}).interruptText(n)
	if notices := p.notices.Load(); notices != nil {
		text = fitText(notices.live, text)
	}
	p.printErrLine(text)
}

// PrintForcedEnd reports the end of the program before the end of its cleanup, with the commands to finish.
func PrintForcedEnd(p *Printer, commands []string) {
	p.PrintWarning("ended before the cleanup was done; the next command of the project removes what is left")
	for _, command := range commands {
		p.PrintWarning("could not be removed; to finish: " + command)
	}
}
