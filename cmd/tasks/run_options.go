package main

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"tasks/hclspec"
	"tasks/internal/composeenv"
	"tasks/internal/view"
	"tasks/internal/workspace"
	"tasks/planner"
)

// runOptions holds the flags of `docker-compose run`, for the commands `tasks run`, once, watch and plan.
type runOptions struct {
	set                                          *pflag.FlagSet
	entrypoint, user, workdir, name, pull        string
	env, envFiles, labels                        []string
	publish, volumes, capAdd, capDrop            []string
	servicePorts, useAliases, noDeps, rm, detach bool
	tty, noTTY, interactive                      bool
	build, quiet, quietPull, quietBuild          bool
	removeOrphans                                bool
}

// removePolicy is the default of --rm: the fate of a one-off's container after the run.
type removePolicy bool

const (
	keepContainer   removePolicy = false
	removeContainer removePolicy = true
)

// newRunOptions adds the flags to a set, with a default for --rm.
func newRunOptions(set *pflag.FlagSet, rm removePolicy) *runOptions {
	o := &runOptions{set: set}
	set.BoolVarP(&o.detach, "detach", "d", false, "start in the background and print the container's name")
	set.StringVar(&o.name, "name", "", "`NAME` of the container")
	set.StringVar(&o.entrypoint, "entrypoint", "",
		"override the entrypoint with `TEXT`, split into words; an empty one resets the image's")
	set.VarP((*stringSlice)(&o.env), "env", "e",
		"environment variable `KEY=VALUE`, or KEY of this environment (repeatable)")
	set.Var((*stringSlice)(&o.envFiles), "env-from-file", "dotenv `FILE` with environment variables (repeatable)")
	set.VarP((*stringSlice)(&o.labels), "label", "l", "label `KEY=VALUE` (repeatable)")
	set.StringVarP(&o.user, "user", "u", "", "`USER` or uid to run as")
	set.StringVarP(&o.workdir, "workdir", "w", "", "working directory `DIR` in the container")
	set.BoolVar(&o.noDeps, "no-deps", false, "start no dependency services")
	set.BoolVar(&o.rm, "rm", bool(rm), "remove the container after the run; ignored when detached")
	set.VarP((*stringSlice)(&o.publish), "publish", "p",
		"publish a `PORT`: [[IP:]HOST:]CONTAINER[/PROTOCOL] (repeatable)")
	set.BoolVarP(&o.servicePorts, "service-ports", "P", false, "publish the service's own ports")
	set.BoolVar(&o.useAliases, "use-aliases", false, "take the service's network aliases")
	set.VarP((*stringSlice)(&o.volumes), "volume", "v", "mount a `VOLUME`: [SOURCE:]TARGET[:OPTIONS] (repeatable)")
	set.BoolVarP(&o.noTTY, "no-tty", "T", false, "no terminal, even where there is one")
	set.BoolVarP(&o.tty, "tty", "t", false, "a terminal, even where there is none")
	set.BoolVarP(&o.interactive, "interactive", "i", true, "keep stdin open")
	set.Var((*stringSlice)(&o.capAdd), "cap-add", "add the capability `CAP` (repeatable)")
	set.Var((*stringSlice)(&o.capDrop), "cap-drop", "drop the capability `CAP` (repeatable)")
	o.addPlanFlags(set)
	set.SetNormalizeFunc(normalizeFlagName)
	return o
}

// addPlanFlags adds the flags for images, orphans and messages.
func (o *runOptions) addPlanFlags(set *pflag.FlagSet) {
	set.BoolVar(&o.build, "build", false, "build the images of services that have a build section")
	set.StringVar(&o.pull, "pull", "", "pull `POLICY` of all images: always, missing, never, build or if_not_present")
	set.BoolVar(&o.quietPull, "quiet-pull", false, "no progress of pulls")
	set.BoolVar(&o.quietBuild, "quiet-build", false, "no progress of builds")
	set.BoolVarP(&o.quiet, "quiet", "q", false, "no progress at all; failures and warnings are told")
	set.BoolVar(&o.removeOrphans, "remove-orphans", false,
		"remove containers of services that the compose file lacks, and one-offs that have ended")
}

// normalizeFlagName accepts earlier and alternative names of Compose's flags.
func normalizeFlagName(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	switch name {
	case "no-TTY":
		name = "no-tty"
	case "volumes":
		name = "volume"
	}
	return pflag.NormalizedName(name)
}

// taskOptions checks the flags, and returns the options for each target.
func (o *runOptions) taskOptions(a *app) (hclspec.Options, error) {
	out := hclspec.Options{
		EnvFiles: a.env.AbsolutePaths(o.envFiles), User: o.user, Workdir: o.workdir, Ports: o.publish, Volumes: o.volumes,
		ContainerName: o.name, CapAdd: o.capAdd, CapDrop: o.capDrop,
		ServicePorts: ifChanged(o, "service-ports", o.servicePorts), UseAliases: ifChanged(o, "use-aliases", o.useAliases),
		NoDeps: ifChanged(o, "no-deps", o.noDeps), RM: ifChanged(o, "rm", o.rm), Detach: ifChanged(o, "detach", o.detach),
		Interactive: ifChanged(o, "interactive", o.interactive), Entrypoint: ifChanged(o, "entrypoint", o.entrypoint),
	}
	var err error
	if out.TTY, err = o.ttyMode(); err != nil {
		return out, err
	}
	if _, err = planner.ParsePullPolicy(o.pull); err != nil {
		return out, usageError("%s", err)
	}
	if err = o.checkProgress(a); err != nil {
		return out, err
	}
	if len(o.publish) > 0 && o.servicePorts {
		return out, usageError("--publish and --service-ports exclude each other: give the ports, or take the service's own")
	}
	if out.Labels, err = parsePairs("--label", o.labels); err != nil {
		return out, err
	}
	for _, entry := range o.env {
		name, value, hasValue := strings.Cut(entry, "=")
		switch {
		case name == "":
			return out, usageError("--env %s: write --env KEY=VALUE, or --env KEY", entry)
		case !hasValue:
			delete(out.Env, name) // the last entry of a name counts
			out.PassEnv = append(out.PassEnv, name)
		default:
			out.PassEnv = slices.DeleteFunc(out.PassEnv, func(other string) bool { return other == name })
			out.Env = withEntry(out.Env, name, value)
		}
	}
	return out, nil
}

// ifChanged returns nil for a flag without a value on the command line.
func ifChanged[T any](o *runOptions, flag string, value T) *T {
	if !o.set.Changed(flag) {
		return nil
	}
	return &value
}

// ttyMode returns the mode of --tty and --no-tty; nil, where neither is given.
func (o *runOptions) ttyMode() (*hclspec.TTYMode, error) {
	mode := hclspec.TTYAuto
	switch {
	case o.tty && o.noTTY:
		return nil, usageError("--tty and --no-tty exclude each other")
	case o.tty:
		mode = hclspec.TTYAlways
	case o.noTTY || o.set.Changed("tty"):
		mode = hclspec.TTYNever
	default:
		return nil, nil
	}
	return &mode, nil
}

// parsePairs parses entries of the form KEY=VALUE.
func parsePairs(flag string, entries []string) (map[string]string, error) {
	var out map[string]string
	for _, entry := range entries {
		key, value, hasValue := strings.Cut(entry, "=")
		if key == "" || !hasValue {
			return nil, usageError("%s %s: write %s KEY=VALUE", flag, entry, flag)
		}
		out = withEntry(out, key, value)
	}
	return out, nil
}

// withEntry sets an entry of a map that may be nil.
func withEntry(m map[string]string, key, value string) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	m[key] = value
	return m
}

// planOptions returns the options of a plan.
func (o *runOptions) planOptions(a *app) workspace.PlanOptions {
	options := workspace.PlanOptions{
		Images: planner.ImagePolicy{Pull: o.pull, Build: o.build}, Force: a.flags.force, IfChanged: a.flags.ifChanged,
	}
	switch {
	case o.removeOrphans:
		options.Orphans = workspace.RemoveOrphans
	case o.set.Changed("remove-orphans"):
		options.Orphans = workspace.KeepOrphans
	}
	return options
}

// noticeOptions returns the options for messages during a run.
func (o *runOptions) noticeOptions(a *app) view.NoticeOptions {
	return view.NoticeOptions{
		Quiet:     o.quiet || a.flags.progress == composeenv.ProgressQuiet,
		QuietPull: o.quietPull, QuietBuild: o.quietBuild, Verbose: a.flags.verbose,
	}
}
