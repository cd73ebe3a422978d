package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/view/annotations"
	"tasks/planner"
	"tasks/planner/observed"
)

// hostile acts on a terminal and on a CI server, and tries to look like another line.
const hostile = "x\x1b]52;c;aGk=\x07\u009b2J\x7f\u202e\u2066\u200f\xff\ttab\r\n::error::a ##[error]b\r\nFORGED"

func hostileContainer() *observed.Container {
	labels := map[string]string{}
	for _, label := range []string{
		composeproject.LabelProject, composeproject.LabelService, observed.LabelTask, observed.LabelProbe, observed.LabelOriginal,
	} {
		labels[label] = hostile
	}
	labels[composeproject.LabelOneOff] = "True"
	return &observed.Container{
		ID: hostile, Name: hostile, Image: hostile, State: observed.ContainerState(hostile), Health: hostile, Labels: labels,
		Ports: []observed.PublishedPort{{HostIP: hostile, HostPort: 1, ContainerPort: 2, Protocol: hostile}},
	}
}

func hostileStep(action planner.Action, verb planner.Verb) *planner.Step {
	return &planner.Step{ID: hostile, Verb: verb, Action: action, Reason: planner.Reasons{{Code: planner.ReasonNeededBy, Args: []string{hostile}}}}
}

// hostileOutputs write text of engines, registries, containers and files.
var hostileOutputs = map[string]func(*testing.T, *Printer){
	"containers": func(t *testing.T, p *Printer) {
		list := ContainerList{Project: hostile, Containers: []*observed.Container{hostileContainer()}}
		if err := errors.Join(list.PrintTable(p), list.PrintIDs(p), list.PrintJSON(p)); err != nil {
			t.Error(err)
		}
	},
	"questions": func(_ *testing.T, p *Printer) {
		transient := hostileContainer()
		transient.Labels = map[string]string{observed.LabelPolicy: "transient"}
		down := planner.Teardown{
			InUse: []*observed.Container{hostileContainer(), transient}, Volumes: []observed.Volume{{Name: hostile}},
			PrivateProjects: []planner.PrivateProject{{Name: hostile, Owner: hostile + "/a/1/2"}},
		}
		p.PromptYesNo(RemovalQuestion(down, []string{hostile}))
		p.EndPrompt()
		p.PromptYesNo(ConfirmQuestion(hostile, hostile))
		p.EndPrompt()
	},
	"lines": func(_ *testing.T, p *Printer) {
		p.PrintError(errors.New(hostile))
		p.PrintWarning(hostile)
		p.PrintWaiting(hostile)
		p.PrintRemoved("volume", hostile, hostile)
		p.PrintNothingToRemove(hostile)
		PrintRefusal(p, errors.New(hostile))
		PrintFileName(p, hostile)
		PrintTrusted(p, hostile)
		p.PrintNoMatch([]string{hostile})
	},
	"notices": func(_ *testing.T, p *Printer) {
		for _, options := range []NoticeOptions{{}, {Color: true}, {Verbose: true, Color: true}} {
			output := p.NewOutput(&hclspec.Spec{}, OutputOptions{NoticeOptions: options, FailureText: FailureText(nil)})
			for _, action := range []planner.Action{
				&planner.Image{Ref: hostile}, &planner.RunHost{Task: &hclspec.Task{Name: hostile}},
				&planner.NoOp{Task: &hclspec.Task{Name: hostile, DisabledReason: hostile}},
				&planner.WaitService{Replica: hostile}, &planner.Network{Name: hostile},
			} {
				for kind := executor.Started; kind <= executor.Interrupted; kind++ {
					n := executor.Notice{Kind: kind, Step: hostileStep(action, planner.PullImage), Verb: planner.PullImage, Text: hostile}
					output.Notice(n)
					n.Err = errors.New(hostile)
					output.Notice(n)
				}
			}
		}
	},
	"report": func(t *testing.T, p *Printer) {
		output := p.NewOutput(&hclspec.Spec{}, OutputOptions{FailureText: FailureText(nil)})
		task := &hclspec.Task{Name: "quiet", OutputStyle: hclspec.StylePrefix}
		step := hostileStep(&planner.RunHost{Task: task}, planner.Run)
		output.Begin(&planner.Plan{Steps: []*planner.Step{step}})
		output.tails.tailOf("quiet", "quiet").add([]byte(hostile + "\n\x1b[31mred\x1b[0m\n"))
		output.tails.tailOf("other", "other").add([]byte(strings.Repeat("other\n", maxTailLines)))
		output.failedTasks = []failedTask{{name: "quiet"}}
		skipped := executor.SkippedTask{Step: hostileStep(&planner.RunHost{Task: &hclspec.Task{Name: hostile}}, planner.Run)}
		failure := executor.Failure{Step: hostileStep(&planner.Image{Ref: hostile}, planner.PullImage), Skipped: []executor.SkippedTask{skipped}}
		output.End(executor.Result{
			Code: 1, Elapsed: time.Minute, Failures: []executor.Failure{failure, failure},
			ServiceLogs: []executor.ServiceLog{{Replica: hostile, Service: hostile, Problem: hostile, Text: hostile + "\n\x1b[31mred\x1b[0m\n"}, {Service: hostile}},
		})
	},
	"watch": func(_ *testing.T, p *Printer) {
		w := WatchLines{Printer: p, Tasks: []string{hostile}}
		w.PrintChanges([]string{hostile, hostile}, []string{hostile})
		w.PrintOwnWrites([]string{hostile}, true)
		w.PrintVerdict(hostile, true, hostile)
		w.PrintIgnored(hostile, hostile)
		w.PrintExitCode(1)
		w.Clear()
		w.Notify(1)
	},
	"diagnostics": func(t *testing.T, p *Printer) {
		at := hcl.Range{Filename: hostile, Start: hcl.Pos{Line: 1, Byte: 2}, End: hcl.Pos{Line: 1, Byte: 9}}
		d := hcl.Diagnostics{{Severity: hcl.DiagError, Summary: hostile, Detail: hostile, Subject: &at}}
		files := map[string]*hcl.File{hostile: {Bytes: []byte(hostile)}}
		if err := errors.Join(PrintDiagnostics(p, files, d, true), PrintValidation(p, d)); err != nil {
			t.Error(err)
		}
	},
	"names of streams": func(_ *testing.T, p *Printer) {
		for _, style := range []hclspec.OutputStyle{hclspec.StyleGroup, hclspec.StylePrefix} {
			output := p.NewOutput(&hclspec.Spec{}, OutputOptions{Style: style, FailureText: FailureText(nil)})
			streams := output.StreamsOf(&hclspec.Task{Name: hostile})
			_, _ = streams.Out.Write([]byte("plain\n"))
			streams.Close()
		}
		writer := LogWriter{Stdout: RawStdout(p), Stderr: RawStderr(p)}
		_ = writer.write(hostile, &logLine{text: "plain\n"})
	},
	"forgotten by the view": func(t *testing.T, p *Printer) {
		text := strings.ReplaceAll(hostile, "\n", " ")
		p.PrintLine(text)
		_, _ = p.Stdout().Write([]byte(text + "\n"))
		if err := p.PrintText(text + "\n"); err != nil {
			t.Error(err)
		}
		_, _ = styledStderr(p).Write([]byte("\x1b[8mhidden\x1b[2A\x1b[Jx\n"))
	},
}

// TestHostileOutputs: no text from outside acts on the terminal, or looks like a line of the program.
func TestHostileOutputs(t *testing.T) {
	for name, write := range hostileOutputs {
		t.Run(name, func(t *testing.T) {
			text := printed(t, func(p *Printer) { write(t, p) })
			if !strings.Contains(text, `\x1b`) && !strings.Contains(text, `\u001b`) {
				t.Errorf("nothing was escaped:\n%s", text)
			}
			for line := range strings.Lines(ownStyles.ReplaceAllString(text, "")) {
				line = strings.TrimSuffix(line, "\n")
				if strings.HasPrefix(line, "FORGED") || !utf8.ValidString(line) {
					t.Errorf("%q in\n%s", line, text)
				}
				if i := strings.IndexFunc(line, actsOnTerminal); i >= 0 {
					t.Errorf("%q is raw at %d", line, i)
				}
			}
		})
	}
}

// TestHostileOutputsOnGitHub: no text from outside on stderr is a command for the CI server.
func TestHostileOutputsOnGitHub(t *testing.T) {
	for name, write := range hostileOutputs {
		t.Run(name, func(t *testing.T) {
			nothing, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer nothing.Close()
			text := printed(t, func(p *Printer) {
				p.server.Store(&annotations.Server{Kind: annotations.GitHub})
				p.out.file = nothing // documents are not for the log
				write(t, p)
			})
			for line := range strings.Lines(ownStyles.ReplaceAllString(text, "")) {
				words := strings.TrimSpace(line)
				isOwn := strings.HasPrefix(words, "::error title=") || strings.HasPrefix(words, "::error file=") ||
					strings.HasPrefix(words, "::group::") || words == "::endgroup::"
				if !isOwn && (strings.HasPrefix(words, "::") || strings.Contains(words, "##[")) {
					t.Errorf("%q is a command in\n%s", line, text)
				}
			}
		})
	}
}

func actsOnTerminal(r rune) bool {
	return r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// printed returns all that a function prints to stdout and stderr.
func printed(t *testing.T, write func(*Printer)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out")
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	write(NewPrinter(nil, out, out))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReportLeavesOutColors(t *testing.T) {
	text := printed(t, func(p *Printer) { hostileOutputs["report"](t, p) })
	if strings.Count(text, "red\n") != 2 || strings.Contains(text, "31mred") {
		t.Errorf("%s", text)
	}
}

func TestJSONKeepsTheValues(t *testing.T) {
	value := strings.ReplaceAll(hostile, "\xff", "")
	text := printed(t, func(p *Printer) {
		if err := PrintJSON(p, []string{value}); err != nil {
			t.Error(err)
		}
	})
	var read []string
	if err := json.Unmarshal([]byte(text), &read); err != nil || len(read) != 1 || read[0] != value {
		t.Errorf("%q: %v", text, err)
	}
}

// TestMaskedBeforeEscaped: a secret with control characters is masked.
func TestMaskedBeforeEscaped(t *testing.T) {
	const secret = "pass\x1bword"
	for name, write := range map[string]func(*Printer){
		"text": func(p *Printer) { _ = p.PrintText(secret + "\n") },
		"json": func(p *Printer) { _ = PrintJSON(p, "pass\u009bword") },
	} {
		text := printed(t, func(p *Printer) {
			p.SetSecrets(hclspec.Secrets{secret, "pass\u009bword"})
			write(p)
		})
		if !strings.Contains(text, hclspec.Masked) || strings.Contains(text, "word") {
			t.Errorf("%s: %q", name, text)
		}
	}
}

// TestCommandsStayRaw: the output of commands, of logs and of `tasks fmt -` keeps each byte.
func TestCommandsStayRaw(t *testing.T) {
	text := printed(t, func(p *Printer) {
		output := p.NewOutput(&hclspec.Spec{}, OutputOptions{FailureText: FailureText(nil)})
		for _, style := range []hclspec.OutputStyle{hclspec.StyleStream, hclspec.StyleGroup} {
			streams := output.StreamsOf(&hclspec.Task{Name: "t", OutputStyle: style})
			_, _ = streams.Out.Write([]byte(hostile))
			streams.Close()
		}
		if err := PrintSource(p, []byte(hostile)); err != nil {
			t.Error(err)
		}
		writer := LogWriter{Stdout: RawStdout(p), Stderr: RawStderr(p)}
		_ = writer.write("db", &logLine{text: hostile})
	})
	if n := bytes.Count([]byte(text), []byte(hostile[:20])); n != 4 {
		t.Errorf("%d of 4 are raw: %q", n, text)
	}
}
