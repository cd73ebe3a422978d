package hclspec

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"
)

func setTimeout(d *taskDraft, v cty.Value) (err error) {
	d.task.Timeout, err = asPositiveDuration(v)
	return err
}

func setStopGracePeriod(d *taskDraft, v cty.Value) (err error) {
	d.task.StopGracePeriod, err = asPositiveDuration(v)
	return err
}

// asPositiveDuration takes a duration that is more than nothing.
func asPositiveDuration(v cty.Value) (time.Duration, error) {
	duration, err := asDuration(v)
	if err == nil && duration == 0 {
		return 0, errors.New("it must be more than nothing")
	}
	return duration, err
}

// setStopSignal takes the names and numbers of signals, with SIG before the name.
func setStopSignal(d *taskDraft, v cty.Value) error {
	text, err := asNonEmptyText(v)
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
		return fmt.Errorf("%q is not a signal.%s", text, didYouMean(name, signalNames()))
	}
	d.task.StopSignal = name
	return nil
}

// signalNames are those of POSIX that can ask a program to do something.
func signalNames() []string {
	return []string{
		"SIGABRT", "SIGALRM", "SIGBUS", "SIGCONT", "SIGFPE", "SIGHUP", "SIGILL", "SIGINT", "SIGKILL", "SIGPIPE", "SIGPROF", "SIGQUIT",
		"SIGSEGV", "SIGSTOP", "SIGSYS", "SIGTERM", "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGUSR1", "SIGUSR2",
		"SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ",
	}
}
