package hclspec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

func setTimeout(d *taskDraft, v cty.Value) (err error) {
	d.task.Timeout, err = ctyconv.AsPositiveDuration(v)
	return err
}

func setStopGracePeriod(d *taskDraft, v cty.Value) (err error) {
	d.task.StopGracePeriod, err = ctyconv.AsPositiveDuration(v)
	return err
}

// setStopSignal takes names and numbers of signals. The SIG before a name is optional.
func setStopSignal(d *taskDraft, v cty.Value) error {
	text, err := ctyconv.AsNonEmptyText(v)
	if err != nil {
		return err
	}
	if number, err := strconv.Atoi(text); err == nil {
		if number < 1 || number > 64 {
			return fmt.Errorf("%d is not the number of a signal", number)
		}
		d.task.StopSignal = text
		return nil
	}
	name := "SIG" + strings.TrimPrefix(strings.ToUpper(text), "SIG")
	if !slices.Contains(signalNames(), name) {
		return diag.Errorf("%q is not a signal.%s", text, diag.DidYouMean(name, signalNames()))
	}
	d.task.StopSignal = name
	return nil
}

// signalNames returns the signals of POSIX with a meaning for a running program.
func signalNames() []string {
	return []string{
		"SIGABRT", "SIGALRM", "SIGBUS", "SIGCONT", "SIGFPE", "SIGHUP", "SIGILL", "SIGINT", "SIGKILL", "SIGPIPE", "SIGPROF",
		"SIGQUIT",
		"SIGSEGV", "SIGSTOP", "SIGSYS", "SIGTERM", "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGUSR1", "SIGUSR2",
		"SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ",
	}
}
