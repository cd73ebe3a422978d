package record

import (
	"encoding/xml"
	"fmt"
	"slices"
	"time"

	"tasks/executor"
	"tasks/planner"
)

// junitRecorder reports each task run of the last run as a test case, and every other failure. CI servers read this
// form (the schema of Jenkins' xunit plugin).
type junitRecorder struct {
	*target
	mask func(string) string
	// names are the names of the run's steps.
	names     *planner.DisplayNames
	suite     testSuite
	startedAt time.Time
	// running are the commands under way.
	running []*planner.Step
	// outputs has the end of the output of each task, by name.
	outputs map[string]*outputTail
}

func (j *junitRecorder) hasOutput() bool { return true }

func (j *junitRecorder) output(_ time.Time, task string, _ bool, text []byte) {
	if j.outputs[task] == nil {
		j.outputs[task] = &outputTail{}
	}
	j.outputs[task].add(text)
}

// addOutput adds the end of a command's output: to the case, and the last lines to the text of a failure.
func (j *junitRecorder) addOutput(c *testCase, s *planner.Step) {
	if !planner.RunsCommand(s) || j.outputs[planner.TaskOf(s).Name] == nil {
		return
	}
	text := j.outputs[planner.TaskOf(s).Name].String()
	if text == "" {
		return
	}
	c.Output = &systemOut{text}
	if c.Failure != nil {
		c.Failure.Text = lastLines(text, maxFailureLines)
	}
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
	Class   string       `xml:"classname,attr"`
	Name    string       `xml:"name,attr"`
	Time    string       `xml:"time,attr"`
	Failure *testProblem `xml:"failure"`
	Error   *testProblem `xml:"error"`
	Skipped *testProblem `xml:"skipped"`
	// Flaky holds the failed attempts before a success, Rerun the failed attempts before a failure, as in Maven's
	// Surefire.
	Flaky []attempt `xml:"flakyFailure"`
	Rerun []attempt `xml:"rerunFailure"`
	// Output is the end of stdout and stderr together.
	Output *systemOut `xml:"system-out"`
}

type systemOut struct {
	Text string `xml:",cdata"`
}

// attempt is a failed attempt before another attempt.
type attempt struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
}

type testProblem struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",cdata"`
}

func (j *junitRecorder) begin(at time.Time, plan *planner.Plan, names *planner.DisplayNames) {
	j.startedAt, j.running, j.names, j.outputs = at, nil, names, map[string]*outputTail{}
	j.suite = testSuite{Name: "tasks", Stamp: at.UTC().Format("2006-01-02T15:04:05")}
	if plan.Project != "" {
		j.suite.Name = j.mask(plan.Project)
	}
}

func (j *junitRecorder) notice(_ time.Time, n executor.Notice) {
	if n.Step == nil {
		return
	}
	c := j.caseOf(n.Step, n.Elapsed)
	if n.Kind == executor.Started && planner.RunsCommand(n.Step) {
		j.running = append(j.running, n.Step)
		return
	}
	j.running = slices.DeleteFunc(j.running, func(s *planner.Step) bool { return s == n.Step && n.Elapsed > 0 })
	switch n.Kind {
	case executor.Done:
		if !planner.RunsCommand(n.Step) || n.Verb == planner.Skip {
			return
		}
		c.Flaky = j.attempts(n.FailedAttempts)
	case executor.Failed:
		j.setFailure(&c, n)
		c.Rerun = j.attempts(n.FailedAttempts)
	case executor.Skipped:
		if !planner.RunsCommand(n.Step) {
			return
		}
		c.Skipped = j.skipReason(n)
	default:
		return
	}
	j.addOutput(&c, n.Step)
	j.addCase(c)
}

func (j *junitRecorder) caseOf(s *planner.Step, elapsed time.Duration) testCase {
	kind, name := j.names.Subject(s)
	return testCase{Class: "tasks." + kind, Name: name, Time: seconds(elapsed)}
}

// setFailure separates an exit code of a command from other failures.
func (j *junitRecorder) setFailure(c *testCase, n executor.Notice) {
	if n.Err == nil {
		c.Failure = &testProblem{Message: fmt.Sprintf("exit code %d", n.Code)}
		return
	}
	c.Error = &testProblem{Message: fmt.Sprintf("%s failed", j.names.ID(n.Step)), Text: plainText(j.mask(n.Err.Error()))}
}

// skipReason states why a command was not begun, unless the run was ending.
func (j *junitRecorder) skipReason(n executor.Notice) *testProblem {
	p := testProblem{Message: "not begun"}
	if n.Cause != nil {
		kind, name := j.names.Subject(n.Cause)
		p.Message += fmt.Sprintf(": %s %s has failed", kind, name)
	}
	if n.Err != nil {
		p.Text = plainText(j.mask(n.Err.Error()))
	}
	return &p
}

func (j *junitRecorder) attempts(failed []string) []attempt {
	var all []attempt
	for _, reason := range failed {
		all = append(all, attempt{Message: j.mask(reason), Type: "attempt"})
	}
	return all
}

func (j *junitRecorder) addCase(c testCase) {
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

func (j *junitRecorder) end(at time.Time, _ executor.Result) error {
	for _, s := range j.running {
		c := j.caseOf(s, 0)
		c.Skipped = &testProblem{Message: "cancelled"}
		j.addOutput(&c, s)
		j.addCase(c)
	}
	j.suite.Time = seconds(at.Sub(j.startedAt))
	text, err := xml.MarshalIndent(j.suite, "", "  ")
	if err != nil {
		return err
	}
	return j.replace(append([]byte(xml.Header), append(text, '\n')...))
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
