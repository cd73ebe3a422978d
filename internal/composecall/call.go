// Package composecall finds the call of Docker Compose, or of the docker command, closest to a task.
package composecall

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"tasks/hclspec"
	"tasks/internal/plaintext"
)

// Project is the compose project of the call.
type Project struct {
	// Flags choose the project: "-f", "compose.yaml".
	Flags []string
	// Network is the engine's name of the project's default network. Image tasks run in the default network.
	Network string
}

// Variable is a variable of the task's own environment.
type Variable struct {
	Name string
	// Value is nil for a variable to unset.
	Value *string
	// IsInherited reports whether the call takes the value from the shell, for example for a secret.
	IsInherited bool
}

// Call is the closest call without `tasks`.
type Call struct {
	// Command is quoted for a shell, with secrets masked; empty: none is close.
	Command string
	// Missing describes the parts of the task outside the call.
	Missing []string
}

// New returns the call for a task: `docker compose run` or exec for a service, `docker run` for an image, and none for
// host tasks and groups. The environment is sorted by name.
func New(project Project, s *hclspec.TaskDetails, environment []Variable) Call {
	t := s.Task
	b := builder{task: t}
	switch s.Kind {
	case hclspec.ServiceTask:
		b.args = append(append([]string{"docker", "compose"}, project.Flags...), "run")
		if t.IsExec {
			b.args[len(b.args)-1] = "exec"
			b.addMissing("first: the service has to run (docker compose up -d " + t.Service + ")")
		}
	case hclspec.ImageTask:
		b.args = []string{"docker", "run", "--network", project.Network}
	default:
		return Call{}
	}
	b.addFlags(s.Kind)
	b.addEnvironment(environment)
	b.addMounts()
	b.addCommand(s.Kind)
	b.addDependencies()
	return Call{Command: b.command(s.Secrets), Missing: b.missing}
}

// command quotes the words for bash and zsh, with secrets masked. A word with control characters is quoted as $'\x1b':
// the command is pasted into a terminal.
func (b *builder) command(secrets hclspec.Secrets) string {
	words := make([]string, len(b.args))
	for i, word := range b.args {
		if plaintext.IsPlain(word) {
			words[i] = secrets.Mask(hclspec.QuoteWords([]string{word}))
			continue
		}
		escapeQuotes := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
		words[i] = "$'" + plaintext.Escape(escapeQuotes.Replace(secrets.Mask(word))) + "'"
	}
	return secrets.Mask(strings.Join(words, " "))
}

// builder collects the words of a call.
type builder struct {
	task    *hclspec.Task
	args    []string
	missing []string
}

func (b *builder) add(words ...string) { b.args = append(b.args, words...) }

func (b *builder) addMissing(text string) {
	b.missing = append(b.missing, text)
}

// addIf adds words under a condition.
func (b *builder) addIf(condition bool, words ...string) {
	if condition {
		b.add(words...)
	}
}

// addForEach adds the flag once for each value.
func (b *builder) addForEach(flag string, values []string) {
	for _, v := range values {
		b.add(flag, v)
	}
}

func (b *builder) addFlags(kind hclspec.TaskKind) {
	t, service := b.task, kind == hclspec.ServiceTask
	b.addIf(t.RM && !t.Detach && !t.IsExec, "--rm")
	b.addIf(t.Detach, "-d")
	b.addIf(t.ContainerName != "", "--name", t.ContainerName)
	b.addIf(t.User != "", "-u", t.User)
	b.addIf(t.Workdir != "", "-w", t.Workdir)
	b.addForEach("-p", t.Ports)
	b.addIf(t.ServicePorts, "-P")
	b.addIf(t.UseAliases, "--use-aliases")
	b.addIf(t.NoDeps && service && !t.IsExec, "--no-deps")
	b.addForEach("--cap-add", t.CapAdd)
	b.addForEach("--cap-drop", t.CapDrop)
	b.addTerminal(service)
	for _, key := range slices.Sorted(maps.Keys(t.Labels)) {
		b.add("-l", key+"="+t.Labels[key])
	}
}

// addTerminal adds the flags of terminal and stdin. Compose allocates a terminal and keeps stdin open by default; the
// docker command does neither.
func (b *builder) addTerminal(service bool) {
	t := b.task
	switch {
	case service:
		b.addIf(t.TTY == hclspec.TTYNever, "-T")
		b.addIf(!t.Interactive, "-i=false")
		if t.TTY == hclspec.TTYAlways {
			b.addMissing("a terminal also where stdin and stdout are none (tty = true)")
		}
	default:
		b.addIf(t.Interactive, "-i")
		b.addIf(t.TTY != hclspec.TTYNever, "-t")
	}
}

// addEnvironment adds the variables of the task. The call inherits sensitive values from the shell.
func (b *builder) addEnvironment(environment []Variable) {
	for _, v := range environment {
		switch {
		case v.Value == nil:
			b.addMissing("unsetting " + v.Name)
		case v.IsInherited:
			b.add("-e", v.Name)
		default:
			b.add("-e", v.Name+"="+*v.Value)
		}
	}
}

// addMounts adds the volumes. Relative paths start at the directory of the task's file.
func (b *builder) addMounts() {
	for _, v := range b.task.Volumes {
		text := v.Text
		if source, rest, found := strings.Cut(text, ":"); found && strings.HasPrefix(source, ".") {
			text = filepath.Join(v.Dir, source) + ":" + rest
		}
		b.add("-v", text)
	}
}

func (b *builder) addCommand(kind hclspec.TaskKind) {
	t := b.task
	command := t.Command
	if t.Entrypoint != nil {
		command = b.addEntrypoint(kind)
	}
	b.add(t.Service + t.Image)
	b.add(command...)
	if t.Command != nil && len(t.Command) == 0 && t.Entrypoint == nil {
		b.addMissing("running without the command of the service or image (command = [])")
	}
}

// addEntrypoint adds the flag, and returns the words after the name. Compose splits the value of the flag; the docker
// command takes a single word.
func (b *builder) addEntrypoint(kind hclspec.TaskKind) []string {
	t := b.task
	if kind == hclspec.ServiceTask || len(t.Entrypoint) == 0 {
		b.add("--entrypoint", hclspec.QuoteWords(t.Entrypoint))
		return t.Command
	}
	b.add("--entrypoint", t.Entrypoint[0])
	return append(slices.Clone(t.Entrypoint[1:]), t.Command...)
}

// addDependencies reports the dependencies and follow-up tasks, unknown to Compose.
func (b *builder) addDependencies() {
	for _, d := range b.task.DependsOn {
		place := "first"
		if d.Position > 0 {
			place = fmt.Sprintf("step %d", d.Position)
		}
		if d.Task != "" {
			b.addMissing(place + ": tasks run " + hclspec.QuoteWords([]string{d.Task}))
		} else {
			b.addMissing(place + ": service " + d.Service)
		}
	}
	for _, d := range b.task.Finally {
		b.addMissing("however it ends: task " + d.Task)
	}
}
