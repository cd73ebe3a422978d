package view

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"tasks/hclspec"
)

// ComposeCall says how Compose would be called for the project.
type ComposeCall struct {
	// Flags choose the project: "-f", "compose.yaml".
	Flags []string
	// Network is the engine's name of the project's default network, where image tasks run.
	Network string
}

// AddTo adds to a document the call that comes closest to its task without `tasks`: `docker compose run` or exec for a service,
// `docker run` for an image. Host tasks and groups have none.
func (c ComposeCall) AddTo(doc *TaskDocument, s *hclspec.TaskDetails) {
	t := s.Task
	l := composeCommand{task: t, doc: doc}
	switch s.Kind {
	case hclspec.ServiceTask:
		l.args = append(append([]string{"docker", "compose"}, c.Flags...), "run")
		if t.IsExec {
			l.args[len(l.args)-1] = "exec"
			l.addMissing("first: the service has to run (docker compose up -d " + t.Service + ")")
		}
	case hclspec.ImageTask:
		l.args = []string{"docker", "run", "--network", c.Network}
	default:
		return
	}
	l.flags(s.Kind)
	l.environment()
	l.mounts()
	l.command(s.Kind)
	l.dependencies()
	doc.ComposeRun = s.Secrets.Mask(hclspec.QuoteWords(l.args))
}

// composeCommand collects the words of a call.
type composeCommand struct {
	task *hclspec.Task
	doc  *TaskDocument
	args []string
}

func (l *composeCommand) add(words ...string) { l.args = append(l.args, words...) }

func (l *composeCommand) addMissing(text string) {
	l.doc.ComposeRunLacks = append(l.doc.ComposeRunLacks, text)
}

// addIf adds words where a condition holds.
func (l *composeCommand) addIf(condition bool, words ...string) {
	if condition {
		l.add(words...)
	}
}

// addForEach adds a flag for every value.
func (l *composeCommand) addForEach(flag string, values []string) {
	for _, v := range values {
		l.add(flag, v)
	}
}

func (l *composeCommand) flags(kind hclspec.TaskKind) {
	t, service := l.task, kind == hclspec.ServiceTask
	l.addIf(t.RM && !t.Detach && !t.IsExec, "--rm")
	l.addIf(t.Detach, "-d")
	l.addIf(t.ContainerName != "", "--name", t.ContainerName)
	l.addIf(t.User != "", "-u", t.User)
	l.addIf(t.Workdir != "", "-w", t.Workdir)
	l.addForEach("-p", t.Ports)
	l.addIf(t.ServicePorts, "-P")
	l.addIf(t.UseAliases, "--use-aliases")
	l.addIf(t.NoDeps && service && !t.IsExec, "--no-deps")
	l.addForEach("--cap-add", t.CapAdd)
	l.addForEach("--cap-drop", t.CapDrop)
	l.terminal(service)
	for _, key := range slices.Sorted(maps.Keys(t.Labels)) {
		l.add("-l", key+"="+t.Labels[key])
	}
}

// terminal: Compose asks for a terminal where it has one, and keeps stdin open; the engine's own command does neither.
func (l *composeCommand) terminal(service bool) {
	t := l.task
	switch {
	case service:
		l.addIf(t.TTY == hclspec.TTYNever, "-T")
		l.addIf(!t.Interactive, "-i=false")
		if t.TTY == hclspec.TTYAlways {
			l.addMissing("a terminal also where stdin and stdout are none (tty = true)")
		}
	default:
		l.addIf(t.Interactive, "-i")
		l.addIf(t.TTY != hclspec.TTYNever, "-t")
	}
}

// environment gives what the task adds. A sensitive value is left to the environment of the call.
func (l *composeCommand) environment() {
	for _, v := range l.doc.Environment {
		switch {
		case strings.HasPrefix(v.Source, "compose "):
		case v.Value == nil:
			l.addMissing("unsetting " + v.Name)
		case v.Sensitive || v.Source == "pass_env":
			l.add("-e", v.Name)
		default:
			l.add("-e", v.Name+"="+*v.Value)
		}
	}
}

// mounts give relative paths from the directory of the task's file on.
func (l *composeCommand) mounts() {
	for _, v := range l.task.Volumes {
		text := v.Text
		if source, rest, found := strings.Cut(text, ":"); found && strings.HasPrefix(source, ".") {
			text = filepath.Join(v.Dir, source) + ":" + rest
		}
		l.add("-v", text)
	}
}

func (l *composeCommand) command(kind hclspec.TaskKind) {
	t := l.task
	command := t.Command
	if t.Entrypoint != nil {
		command = l.entrypoint(kind)
	}
	l.add(t.Service + t.Image)
	l.add(command...)
	if t.Command != nil && len(t.Command) == 0 && t.Entrypoint == nil {
		l.addMissing("running without the command of the service or image (command = [])")
	}
}

// entrypoint adds the flag, and gives what follows the name. Compose splits the text; the engine's command takes one word.
func (l *composeCommand) entrypoint(kind hclspec.TaskKind) []string {
	t := l.task
	if kind == hclspec.ServiceTask || len(t.Entrypoint) == 0 {
		l.add("--entrypoint", hclspec.QuoteWords(t.Entrypoint))
		return t.Command
	}
	l.add("--entrypoint", t.Entrypoint[0])
	return append(slices.Clone(t.Entrypoint[1:]), t.Command...)
}

// dependencies are what Compose does not know of.
func (l *composeCommand) dependencies() {
	for _, d := range l.task.DependsOn {
		if d.Task != "" {
			l.addMissing("first: tasks run " + hclspec.QuoteWords([]string{d.Task}))
		} else {
			l.addMissing("first: service " + d.Service)
		}
	}
	for _, d := range l.task.Finally {
		l.addMissing("however it ends: task " + d.Task)
	}
}
