package hclspec

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/shellwords"
)

// Options are the run options on the command line: the flags of `docker-compose run`. They apply to targets and
// not to dependencies. Env, EnvFiles, Labels, Volumes and capabilities add to the task's own, and win for equal
// keys. All other options replace. A zero field is not given.
type Options struct {
	// Entrypoint is text that is split into words. An empty text resets the image's entrypoint.
	Entrypoint *string
	Env        map[string]string
	// PassEnv are names with values from the environment of `tasks`. Unset names are ignored.
	PassEnv []string
	// EnvFiles are absolute paths of dotenv files. A later file wins.
	EnvFiles      []string
	Labels        map[string]string
	User, Workdir string
	Ports         []string
	ServicePorts  *bool
	// Volumes are in Compose's short syntax. Relative paths start at Inputs.Cwd.
	Volumes         []string
	UseAliases      *bool
	NoDeps          *bool
	RM              *bool
	Detach          *bool
	ContainerName   string
	TTY             *TTYMode
	Interactive     *bool
	CapAdd, CapDrop []string
}

// optionFlag is a flag with its name in messages and the attribute of the same meaning.
type optionFlag struct {
	flag, attr string
	isGiven    bool
}

func (o *Options) flags() []optionFlag {
	return []optionFlag{
		{"--entrypoint", "entrypoint", o.Entrypoint != nil},
		{"--env", "env", len(o.Env) > 0 || len(o.PassEnv) > 0},
		{"--env-from-file", "env_files", len(o.EnvFiles) > 0},
		{"--label", "labels", len(o.Labels) > 0},
		{"--user", "user", o.User != ""},
		{"--workdir", "workdir", o.Workdir != ""},
		{"--publish", "ports", len(o.Ports) > 0},
		{"--service-ports", "service_ports", o.ServicePorts != nil},
		{"--volume", "volumes", len(o.Volumes) > 0},
		{"--use-aliases", "use_aliases", o.UseAliases != nil},
		{"--no-deps", "no_deps", o.NoDeps != nil},
		{"--rm", "rm", o.RM != nil},
		{"--detach", "detach", o.Detach != nil},
		{"--name", "container_name", o.ContainerName != ""},
		{"--tty", "tty", o.TTY != nil},
		{"--interactive", "interactive", o.Interactive != nil},
		{"--cap-add", "cap_add", len(o.CapAdd) > 0},
		{"--cap-drop", "cap_drop", len(o.CapDrop) > 0},
	}
}

// checkOptions reports flags without a meaning for the kind of a task.
func checkOptions(e *evaluation, t *config.Task, o *Options) {
	if mistake := checkWorkdir(t.Kind, o); mistake != nil {
		e.report(mistake)
	}
	table := config.TaskBlockType()
	for _, flag := range o.flags() {
		a, known := table.AttributeNamed(flag.attr)
		if !known {
			panic("hclspec: no attribute " + flag.attr)
		}
		if flag.isGiven && !slices.Contains(a.Kinds, t.Kind) {
			e.report(diag.Error(fmt.Sprintf("%s cannot act on %s task %q", flag.flag, t.Kind, t.Name),
				"It acts on %s. Task %q %s.", config.KindList(a.Kinds), t.Name, config.KindExplanation(t.Kind)))
		}
	}
}

// checkWorkdir reports a relative working directory in a container.
func checkWorkdir(kind TaskKind, o *Options) *hcl.Diagnostic {
	if o.Workdir == "" || kind == HostTask || isAbsoluteInContainer(o.Workdir) {
		return nil
	}
	return diag.Error("invalid value for --workdir", "%q is not absolute, and a working directory in a container must be.",
		o.Workdir)
}

// commandLine holds the words and options of a target, and the environment of the options.
type commandLine struct {
	rawArgs []string
	options Options
	// env is the environment that the options add.
	env map[string]*string
}

// newCommandLine reads the files of the options and checks the options.
func newCommandLine(in Inputs, args []string, o Options) (commandLine, *hcl.Diagnostic) {
	r := commandLine{rawArgs: args, options: o, env: map[string]*string{}}
	own := map[string]*string{}
	for _, name := range o.PassEnv {
		if value, set := in.Env(name); set {
			own[name] = &value
		}
	}
	for name, value := range o.Env {
		own[name] = &value
	}
	lookup := func(name string) (string, bool) {
		if value, set := own[name]; set {
			return *value, true
		}
		return in.Env(name)
	}
	for _, file := range o.EnvFiles {
		if err := readEnvFile(file, r.env, lookup); err != nil {
			return r, diag.Error("--env-from-file cannot be read", "%s.", diag.UpperFirst(err.Error()))
		}
	}
	maps.Copy(r.env, own)
	if _, err := r.options.entrypoint(); err != nil {
		return r, diag.Error("invalid value for --entrypoint", "%s.", diag.UpperFirst(err.Error()))
	}
	if o.ContainerName != "" {
		if err := checkContainerName(o.ContainerName); err != nil {
			return r, diag.Error("invalid value for --name", "%s.", diag.UpperFirst(err.Error()))
		}
	}
	return r, nil
}

// withProjectEnv resolves the names of PassEnv that the environment of `tasks` does not set: as in Compose, the compose
// project's .env gives the value. Names without any value stay.
func (in Inputs) withProjectEnv(scope string, o Options) Options {
	if in.ProjectEnv == nil {
		return o
	}
	var remaining []string
	env := maps.Clone(o.Env)
	for _, name := range o.PassEnv {
		value, isSet := "", false
		if _, isPassed := in.Env(name); !isPassed {
			value, isSet = in.ProjectEnv(scope, name)
		}
		if !isSet {
			remaining = append(remaining, name)
			continue
		}
		if env == nil {
			env = map[string]string{}
		}
		env[name] = value
	}
	o.Env, o.PassEnv = env, remaining
	return o
}

// entrypoint splits the text as a shell would; nothing in it is a shell's operator.
func (o *Options) entrypoint() ([]string, error) {
	if o.Entrypoint == nil {
		return nil, nil
	}
	return shellwords.Split(*o.Entrypoint, nil)
}

// applyOptions applies the options to a task with known attributes, before the assembly of the command.
func (d *taskDraft) applyOptions(r commandLine) {
	o, t := r.options, &d.task
	if entrypoint, err := o.entrypoint(); err == nil && entrypoint != nil {
		t.Entrypoint = entrypoint
	}
	t.Env = mergeMaps(t.Shard.env(), d.passEnv, d.fileEnv, t.Env, r.env)
	t.EnvFiles = append(slices.Clone(t.EnvFiles), o.EnvFiles...)
	t.Labels = mergeMaps(t.Labels, o.Labels)
	setIfNotEmpty(&t.User, o.User)
	if t.Kind == HostTask && o.Workdir != "" && !filepath.IsAbs(o.Workdir) {
		o.Workdir = filepath.Join(d.in.Cwd, o.Workdir)
	}
	setIfNotEmpty(&t.Workdir, o.Workdir)
	setIfNotEmpty(&t.ContainerName, o.ContainerName)
	d.applyPorts(o)
	for _, v := range o.Volumes {
		t.Volumes = append(slices.Clone(t.Volumes), Volume{Text: v, Dir: d.in.Cwd})
	}
	setIfGiven(&t.UseAliases, o.UseAliases)
	setIfGiven(&t.NoDeps, o.NoDeps)
	setIfGiven(&t.RM, o.RM)
	setIfGiven(&t.Detach, o.Detach)
	setIfGiven(&t.TTY, o.TTY)
	setIfGiven(&t.Interactive, o.Interactive)
	t.CapAdd = append(WithoutCapabilities(t.CapAdd, o.CapDrop), o.CapAdd...)
	t.CapDrop = append(WithoutCapabilities(t.CapDrop, o.CapAdd), o.CapDrop...)
	d.dropUnsupported()
}

// applyPorts replaces the service's ports by given ports, or given ports by the service's.
func (d *taskDraft) applyPorts(o Options) {
	if len(o.Ports) > 0 {
		d.task.Ports, d.task.ServicePorts = o.Ports, false
		d.task.Ranges = maps.Clone(d.task.Ranges)
		delete(d.task.Ranges, "ports") // no file has these ports
	}
	if o.ServicePorts != nil {
		d.task.ServicePorts = *o.ServicePorts
		if *o.ServicePorts {
			d.task.Ports = nil
		}
	}
}

func setIfNotEmpty(old *string, by string) {
	if by != "" {
		*old = by
	}
}

func setIfGiven[T any](old, by *T) {
	if by != nil {
		*old = *by
	}
}

// mergeMaps merges maps. A later map wins. Without entries the result is nil.
func mergeMaps[V any](layers ...map[string]V) map[string]V {
	var merged map[string]V
	for _, m := range layers {
		for key, value := range m {
			if merged == nil {
				merged = map[string]V{}
			}
			merged[key] = value
		}
	}
	return merged
}

// WithoutCapabilities removes capabilities from a list. Names are equal with and without CAP_, in upper and lower
// case.
func WithoutCapabilities(list, out []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(c string) bool {
		return slices.ContainsFunc(out,
			func(other string) bool { return canonicalCapability(c) == canonicalCapability(other) })
	})
}

// canonicalCapability returns the canonical name of a capability: "NET_ADMIN".
func canonicalCapability(name string) string {
	return strings.TrimPrefix(strings.ToUpper(name), "CAP_")
}
