package view

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/planner"
	"tasks/planner/observed"
)

// interrupt shows the key and the message about the signal.
func (s *shooter) interrupt(requests int, isCleanup bool, waiting ...string) {
	s.echo("^C")
	s.Notice(executor.Notice{
		Kind: executor.Interrupted, Text: "interrupt", Requests: requests, IsCleanup: isCleanup, Waiting: waiting,
	})
}

// stop asks steps to end, and takes a picture.
func (s *shooter) stop(steps ...*planner.Step) {
	for _, step := range steps {
		s.notify(executor.Stopping, step)
	}
	s.advance(600 * time.Millisecond)
	s.shoot("asked to end")
}

// cancel ends steps that were asked to end.
func (s *shooter) cancel(steps ...*planner.Step) {
	for _, step := range steps {
		s.Notice(executor.Notice{Kind: executor.Cancelled, Step: step, Elapsed: 2 * time.Second})
	}
}

// remove shows the removal of resources in a cleanup, one after the other.
func (s *shooter) remove(resources ...string) {
	for i, resource := range resources {
		s.cleanup(executor.CleanupStarted, planner.Remove, resource)
		s.advance(2500 * time.Millisecond)
		if i == 0 {
			s.shoot("the cleanup removes " + resource)
		}
		s.cleanup(executor.CleanupEnded, planner.Remove, resource)
	}
}

// finish ends an interrupted run, and checks that no line of the picture stays.
func (s *shooter) finish(result executor.Result) {
	s.End(result)
	s.advance(time.Second)
	s.shoot("at the end")
	s.checkResidue(s.screen.History())
}

// checkResidue fails the test if a line of the display is on the screen, or in the history.
func (s *shooter) checkResidue(history string) {
	for line := range strings.Lines(history + "\n" + s.screenText()) {
		for _, activity := range []string{"running", "stopping", "removing", "waiting", "pulling", "building"} {
			if strings.Contains(line, "  "+activity+" ") {
				s.t.Errorf("%dx%d: a line of the display has stayed: %s", s.columns, s.rows, line)
			}
		}
	}
}

// interruptedResult is the result of a run that a signal has ended.
func interruptedResult() executor.Result { return executor.Result{Code: 130, Elapsed: 5 * time.Second} }

// An interrupt in each phase names what the run waits for, and leaves only permanent lines.
func TestScreensOfInterrupts(t *testing.T) {
	for name, play := range map[string]func(*shooter){
		"pull_and_build": interruptPull, "wait": interruptWait, "grace": interruptGrace, "cleanup": interruptCleanup,
		"release": interruptRelease, "finally": interruptFinally,
	} {
		t.Run(name, func(t *testing.T) { compareScreens(t, "interrupt_"+name, play) })
	}
}

// A pull and a build end at once. No container was made so far.
func interruptPull(s *shooter) {
	pull, build := imageStep(planner.PullImage, "postgres:16"), imageStep(planner.BuildImage, "shop-web")
	test := taskStep("test", pull, build)
	s.Begin(planOf(pull, build, test))
	s.notify(executor.Started, pull)
	s.notify(executor.Started, build)
	s.progress(pull, "1 of 3 layers, 5.3 MB of 10.1 MB")
	s.progress(build, "#5 [2/4] RUN npm install --omit=dev")
	s.advance(3 * time.Second)
	s.interrupt(1, false, "image postgres:16", "image shop-web")
	s.stop(pull, build)
	s.cancel(pull, build)
	s.finish(interruptedResult())
}

// The run has made a network and a service, and removes both.
func interruptWait(s *shooter) {
	network := &planner.Step{ID: "n", Verb: planner.Create, Action: &planner.Network{Name: "shop_default"}}
	create, start, wait := serviceSteps("db")
	test := taskStep("test", wait)
	s.Begin(planOf(network, create, start, wait, test))
	s.notify(executor.Started, network)
	s.end(network, 110*time.Millisecond)
	s.notify(executor.Started, create)
	s.end(create, 300*time.Millisecond)
	s.notify(executor.Started, start)
	s.end(start, 100*time.Millisecond)
	s.notify(executor.Started, wait)
	s.progress(wait, "waiting until it is healthy (at most 2 m 50 s)")
	s.Notice(executor.Notice{Kind: executor.Answered, Step: wait, Text: "psql: connection refused (exit code 2)"})
	s.advance(3 * time.Second)
	s.interrupt(1, false, "service db")
	s.stop(wait)
	s.cancel(wait)
	s.remove("container shop-db-1", "network shop_default")
	s.finish(interruptedResult())
}

// A command ignores the signal. The second signal kills the command.
func interruptGrace(s *shooter) {
	plan, lint, types, unit, slow := parallelPlan()
	s.Begin(plan)
	steps := []*planner.Step{lint, types, unit, slow}
	for _, step := range steps {
		s.notify(executor.Started, step)
	}
	s.advance(time.Second)
	s.interrupt(1, false, "task lint", "task types", "task unit-tests", "task slow")
	s.stop(steps...)
	s.cancel(lint, types, unit)
	s.advance(6 * time.Second)
	s.shoot("during the grace period")
	s.interrupt(2, false, "task slow")
	s.advance(300 * time.Millisecond)
	s.shoot("after the second signal")
	s.fail(slow, 137, 8*time.Second)
	s.finish(executor.Result{Code: 137, Elapsed: 8 * time.Second, Failures: []executor.Failure{{Step: slow, Code: 137}}})
}

// The engine takes long for the removal of a one-off after a failure. The signal comes during the removal.
func interruptCleanup(s *shooter) {
	image, test := imageStep(planner.BuildImage, "shop-web"), taskStep("test")
	s.Begin(planOf(image, test))
	s.notify(executor.Started, image)
	s.advance(time.Second)
	s.Notice(executor.Notice{Kind: executor.Failed, Step: image, Verb: planner.BuildImage, Err: fmt.Errorf("no space left on device")})
	const oneOff = "container shop-web-run-0123456789ab"
	s.cleanup(executor.CleanupStarted, planner.Remove, oneOff)
	s.advance(3 * time.Second)
	s.shoot("before the signal")
	s.interrupt(1, true, oneOff)
	s.advance(time.Second)
	s.shoot("after the signal")
	s.cleanup(executor.CleanupEnded, planner.Remove, oneOff)
	s.finish(executor.Result{Code: 125, Elapsed: 6 * time.Second, Failures: []executor.Failure{{Step: image, Err: fmt.Errorf("no space left on device")}}})
}

// The run has succeeded. The last user of transient services stops these services, and the signal ends the patience.
func interruptRelease(s *shooter) {
	test := taskStep("test")
	s.Begin(planOf(test))
	s.notify(executor.Started, test)
	s.advance(2 * time.Second)
	s.end(test, 2*time.Second)
	s.End(executor.Result{Elapsed: 2 * time.Second})
	for _, name := range []string{"web", "db", "mq"} {
		s.cleanup(executor.CleanupStarted, planner.Remove, "container shop-"+name+"-1")
	}
	s.advance(4 * time.Second)
	s.shoot("during the release")
	s.echo("^C")
	PrintReleasing(s.Printer, "interrupt")
	s.advance(time.Second)
	s.shoot("after the signal")
	for _, name := range []string{"web", "db", "mq"} {
		s.cleanup(executor.CleanupEnded, planner.Remove, "container shop-"+name+"-1")
	}
	s.remove("network shop_default")
	s.shoot("at the end")
	s.checkResidue(s.screen.History())
}

// A finally task continues after the signal.
func interruptFinally(s *shooter) {
	test := taskStep("test")
	clean := taskStep("clean", test)
	s.Begin(planOf(test, clean))
	s.notify(executor.Started, test)
	s.advance(time.Second)
	s.interrupt(1, false, "task test")
	s.notify(executor.Stopping, test)
	s.fail(test, 130, 2*time.Second)
	s.notify(executor.Started, clean)
	cleaning := s.StreamsOf(planner.TaskOf(clean))
	fmt.Fprint(cleaning.Out, "dropping the schema\n")
	s.Notice(executor.Notice{Kind: executor.Warned, Text: "what finally names still runs; the 2nd signal from now ends that too"})
	s.advance(3 * time.Second)
	s.shoot("the finally task runs")
	s.echo("^C")
	s.Notice(executor.Notice{Kind: executor.Warned, Text: "what finally names still runs; one more signal ends that too"})
	s.advance(time.Second)
	s.shoot("after the second signal")
	cleaning.Close()
	s.end(clean, 4*time.Second)
	s.finish(executor.Result{Code: 130, Elapsed: 6 * time.Second, Failures: []executor.Failure{{Step: test, Code: 130}}})
}

// A terminal of each size becomes one of each other size while the display is shown. No line of the display stays on the
// screen, and the display fits the new size.
func TestScreensOfResizes(t *testing.T) {
	compareScreens(t, "resizes", func(s *shooter) {
		rows, columns := s.rows, s.columns
		for _, size := range screenSizes() {
			if size == [2]int{rows, columns} {
				continue
			}
			r := &shooter{fakeScreen: newFakeScreen(s.t, rows, columns)}
			r.resizeDuringRun(size[0], size[1])
			s.all.WriteString(r.all.String())
		}
	})
}

// resizeDuringRun plays a run of twelve services, with a resize in the middle.
func (s *shooter) resizeDuringRun(rows, columns int) {
	var steps []*planner.Step
	for i := range 12 {
		_, _, wait := serviceSteps(fmt.Sprint("service", i))
		steps = append(steps, wait)
	}
	test := taskStep("test", steps...)
	s.Begin(planOf(append(steps, test)...))
	for _, step := range steps {
		s.notify(executor.Started, step)
		s.progress(step, "waiting until it is healthy (at most 2 m 50 s)")
	}
	s.advance(3 * time.Second)
	s.end(steps[0], 3*time.Second)
	oldRows, oldColumns := s.rows, s.columns
	before := fmt.Sprintf("after %dx%d", oldColumns, oldRows)
	s.resize(rows, columns)
	s.advance(100 * time.Millisecond)
	s.shoot(before)
	if lines := strings.Count(s.screenText(), " waiting "); lines > max(rows/2, 1) {
		s.t.Errorf("%s: %d lines of the display on %d rows", before, lines, rows)
	}
	s.End(executor.Result{})
	history := s.screen.History()
	if s.rows < oldRows && s.columns < oldColumns {
		history = "" // the lines take more rows than the terminal has, before any program can act
	}
	s.checkResidue(history)
}

// The removals of `tasks down` have a line each while they last, and a permanent line at the end.
func TestScreensOfRemovals(t *testing.T) {
	compareScreens(t, "down", func(s *shooter) {
		display := RemovalDisplay{s.NoticePrinter}
		var steps []*planner.Step
		for i := range 12 {
			container := &observed.Container{ID: fmt.Sprint(i), Name: fmt.Sprintf("shop-service%d-1", i)}
			steps = append(steps, &planner.Step{
				ID: planner.StepID("remove/" + container.ID), Verb: planner.Remove, Action: &planner.RemoveContainer{Container: container},
			})
		}
		display.Begin(planOf(steps...))
		for _, step := range steps {
			display.Notice(executor.Notice{Kind: executor.Started, Step: step, Verb: step.Verb})
		}
		s.advance(1500 * time.Millisecond)
		for _, step := range steps[:2] {
			s.Printer.PrintRemoved("container", step.Action.(*planner.RemoveContainer).Container.Name, "")
			display.Notice(executor.Notice{Kind: executor.Done, Step: step, Verb: step.Verb})
		}
		s.shoot("two are gone")
		for _, step := range steps[2:] {
			s.Printer.PrintRemoved("container", step.Action.(*planner.RemoveContainer).Container.Name, "")
			display.Notice(executor.Notice{Kind: executor.Done, Step: step, Verb: step.Verb})
		}
		s.advance(time.Second)
		s.shoot("at the end")
		s.checkResidue(s.screen.History())
	})
}
