package record

import (
	"encoding/xml"
	"fmt"
	"os"
	"slices"
	"time"

	"tasks/executor"
	"tasks/planner"
)

// junit reports each task of the last run as a test case, and whatever else has failed, in the form that CI servers read
// (the schema of Jenkins' xunit plugin).
type junit struct {
	file *os.File
	mask func(string) string
	// shown are the names of the run's steps.
	shown *planner.Shown
	suite testSuite
	began time.Time
	// open are the commands that have begun and not ended.
	open []*planner.Step
}

type testSuite struct {
	XMLName  xml.Name   `xml:"testsuite"`
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Time     string     `xml:"time,attr"`
	Stamp    string     `xml:"timestamp,attr"`
	Cases    []testCase `xml:"testcase"`
}

type testCase struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Time    string   `xml:"time,attr"`
	Failure *problem `xml:"failure"`
	Error   *problem `xml:"error"`
	Skipped *problem `xml:"skipped"`
	// Flaky are the failed attempts of what succeeded in the end, Rerun those of what did not: as Maven's Surefire writes them.
	Flaky []attempt `xml:"flakyFailure"`
	Rerun []attempt `xml:"rerunFailure"`
}

// attempt is one that failed and was followed by another one.
type attempt struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
}

type problem struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func (j *junit) begin(at time.Time, plan *planner.Plan, shown *planner.Shown) {
	j.began, j.open, j.shown = at, nil, shown
	j.suite = testSuite{Name: "tasks", Stamp: at.UTC().Format("2006-01-02T15:04:05")}
	if plan.Project != "" {
		j.suite.Name = j.mask(plan.Project)
	}
}

func (j *junit) notice(_ time.Time, n executor.Notice) {
	if n.Step == nil {
		return
	}
	c := j.caseOf(n.Step, n.Elapsed)
	if n.Happening == executor.Started && planner.RunsCommand(n.Step) {
		j.open = append(j.open, n.Step)
		return
	}
	j.open = slices.DeleteFunc(j.open, func(s *planner.Step) bool { return s == n.Step && n.Elapsed > 0 })
	switch n.Happening {
	case executor.Done:
		if !planner.RunsCommand(n.Step) || n.Verb == planner.Skip {
			return
		}
		c.Flaky = j.attempts(n.Retried)
	case executor.Failed:
		j.fail(&c, n)
		c.Rerun = j.attempts(n.Retried)
	case executor.Skipped:
		if !planner.RunsCommand(n.Step) {
			return
		}
		c.Skipped = j.notBegun(n)
	default:
		return
	}
	j.add(c)
}

func (j *junit) caseOf(s *planner.Step, elapsed time.Duration) testCase {
	kind, name := j.shown.What(s)
	return testCase{Class: "tasks." + kind, Name: name, Time: seconds(elapsed)}
}

// fail tells a command that ended with a code from what could not be done at all.
func (j *junit) fail(c *testCase, n executor.Notice) {
	if n.Err == nil {
		c.Failure = &problem{Message: fmt.Sprintf("exit code %d", n.Code)}
		return
	}
	c.Error = &problem{Message: fmt.Sprintf("%s failed", j.shown.ID(n.Step)), Text: j.mask(n.Err.Error())}
}

// notBegun says why a command was not begun, where it is more than that the run was ending.
func (j *junit) notBegun(n executor.Notice) *problem {
	p := problem{Message: "not begun"}
	if n.Cause != nil {
		kind, name := j.shown.What(n.Cause)
		p.Message += fmt.Sprintf(": %s %s has failed", kind, name)
	}
	if n.Err != nil {
		p.Text = j.mask(n.Err.Error())
	}
	return &p
}

func (j *junit) attempts(failed []string) []attempt {
	var all []attempt
	for _, why := range failed {
		all = append(all, attempt{Message: j.mask(why), Type: "attempt"})
	}
	return all
}

func (j *junit) add(c testCase) {
	s := &j.suite
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

func (j *junit) end(at time.Time, _ executor.Result) error {
	for _, s := range j.open {
		c := j.caseOf(s, 0)
		c.Skipped = &problem{Message: "cancelled"}
		j.add(c)
	}
	j.suite.Time = seconds(at.Sub(j.began))
	text, err := xml.MarshalIndent(j.suite, "", "  ")
	if err != nil {
		return err
	}
	return rewrite(j.file, append([]byte(xml.Header), append(text, '\n')...))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

func (j *junit) close() error { return j.file.Close() }
