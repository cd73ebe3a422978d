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

// Close adds to a document the call that comes closest to its task without `tasks`: `docker compose run` or exec for a service,
// `docker run` for an image. Host tasks and groups have none.
func (c ComposeCall) Close(doc *TaskDocument, s *hclspec.Shown) {
	t := s.Task
	l := composeLine{task: t, doc: doc}
	switch s.Kind {
	case hclspec.Service:
		l.words = append(append([]string{"docker", "compose"}, c.Flags...), "run")
		if t.Exec {
			l.words[len(l.words)-1] = "exec"
			l.lacks("first: the service has to run (docker compose up -d " + t.Service + ")")
		}
	case hclspec.Image:
		l.words = []string{"docker", "run", "--network", c.Network}
	default:
		return
	}
	l.flags(s.Kind)
	l.environment()
	l.mounts()
	l.command(s.Kind)
	l.dependencies()
	doc.ComposeRun = s.Secrets.Mask(hclspec.QuoteWords(l.words))
}

// composeLine collects the words of a call.
type composeLine struct {
	task  *hclspec.Task
	doc   *TaskDocument
	words []string
}

func (l *composeLine) add(words ...string) { l.words = append(l.words, words...) }

func (l *composeLine) lacks(text string) { l.doc.ComposeRunLacks = append(l.doc.ComposeRunLacks, text) }

// when adds words where a condition holds.
func (l *composeLine) when(holds bool, words ...string) {
	if holds {
		l.add(words...)
	}
}

// each adds a flag for every value.
func (l *composeLine) each(flag string, values []string) {
	for _, v := range values {
		l.add(flag, v)
	}
}

func (l *composeLine) flags(kind hclspec.Kind) {
	t, service := l.task, kind == hclspec.Service
	l.when(t.RM && !t.Detach && !t.Exec, "--rm")
	l.when(t.Detach, "-d")
	l.when(t.ContainerName != "", "--name", t.ContainerName)
	l.when(t.User != "", "-u", t.User)
	l.when(t.Workdir != "", "-w", t.Workdir)
	l.each("-p", t.Ports)
	l.when(t.ServicePorts, "-P")
	l.when(t.UseAliases, "--use-aliases")
	l.when(t.NoDeps && service && !t.Exec, "--no-deps")
	l.each("--cap-add", t.CapAdd)
	l.each("--cap-drop", t.CapDrop)
	l.terminal(service)
	for _, key := range slices.Sorted(maps.Keys(t.Labels)) {
		l.add("-l", key+"="+t.Labels[key])
	}
}

// terminal: Compose asks for a terminal where it has one, and keeps stdin open; the engine's own command does neither.
func (l *composeLine) terminal(service bool) {
	t := l.task
	switch {
	case service:
		l.when(t.TTY == hclspec.TTYNever, "-T")
		l.when(!t.Interactive, "-i=false")
		if t.TTY == hclspec.TTYAlways {
			l.lacks("a terminal also where stdin and stdout are none (tty = true)")
		}
	default:
		l.when(t.Interactive, "-i")
		l.when(t.TTY != hclspec.TTYNever, "-t")
	}
}

// environment gives what the task adds. A sensitive value is left to the environment of the call.
func (l *composeLine) environment() {
	for _, v := range l.doc.Environment {
		switch {
		case strings.HasPrefix(v.Source, "compose "):
		case v.Value == nil:
			l.lacks("unsetting " + v.Name)
		case v.Sensitive || v.Source == "pass_env":
			l.add("-e", v.Name)
		default:
			l.add("-e", v.Name+"="+*v.Value)
		}
	}
}

// mounts give relative paths from the directory of the task's file on.
func (l *composeLine) mounts() {
	for _, v := range l.task.Volumes {
		text := v.Text
		if source, rest, found := strings.Cut(text, ":"); found && strings.HasPrefix(source, ".") {
			text = filepath.Join(v.Dir, source) + ":" + rest
		}
		l.add("-v", text)
	}
}

func (l *composeLine) command(kind hclspec.Kind) {
	t := l.task
	command := t.Command
	if t.Entrypoint != nil {
		command = l.entrypoint(kind)
	}
	l.add(t.Service + t.Image)
	l.add(command...)
	if t.Command != nil && len(t.Command) == 0 && t.Entrypoint == nil {
		l.lacks("running without the command of the service or image (command = [])")
	}
}

// entrypoint adds the flag, and gives what follows the name. Compose splits the text; the engine's command takes one word.
func (l *composeLine) entrypoint(kind hclspec.Kind) []string {
	t := l.task
	if kind == hclspec.Service || len(t.Entrypoint) == 0 {
		l.add("--entrypoint", hclspec.QuoteWords(t.Entrypoint))
		return t.Command
	}
	l.add("--entrypoint", t.Entrypoint[0])
	return append(slices.Clone(t.Entrypoint[1:]), t.Command...)
}

// dependencies are what Compose does not know of.
func (l *composeLine) dependencies() {
	for _, d := range l.task.DependsOn {
		if d.Task != "" {
			l.lacks("first: tasks run " + hclspec.QuoteWords([]string{d.Task}))
		} else {
			l.lacks("first: service " + d.Service)
		}
	}
	for _, d := range l.task.Finally {
		l.lacks("however it ends: task " + d.Task)
	}
}
