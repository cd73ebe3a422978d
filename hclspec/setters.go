package hclspec

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/shellwords"
)

// setter stores the value of one attribute. The value is known and not null. Only elements of env and of lists may
// be null.
type setter func(d *taskDraft, v cty.Value) error

// attributeSetters returns the setters of a task's attributes by name. Other attributes have code of their own.
func attributeSetters() map[string]setter {
	return map[string]setter{
		"service":           setService,
		"job":               setJob,
		"image":             setImage,
		"mode":              setMode,
		"command":           setCommand,
		"script":            setScript,
		"shell":             setShell,
		"entrypoint":        setEntrypoint,
		"env":               setEnv,
		"env_files":         setEnvFiles,
		"pass_env":          setPassEnv,
		"labels":            setLabels,
		"user":              setUser,
		"workdir":           setWorkdir,
		"ports":             setPorts,
		"service_ports":     setServicePorts,
		"volumes":           setVolumes,
		"use_aliases":       setUseAliases,
		"cap_add":           setCapAdd,
		"cap_drop":          setCapDrop,
		"container_name":    setContainerName,
		"detach":            setDetach,
		"tty":               setTTY,
		"interactive":       setInteractive,
		"rm":                setRM,
		"no_deps":           setNoDeps,
		"confirm":           setConfirm,
		"timeout":           setTimeout,
		"stop_signal":       setStopSignal,
		"stop_grace_period": setStopGracePeriod,
		"inputs":            setInputs,
		"outputs":           setOutputs,
		"allow_failure":     setAllowFailure,
		"output_style":      setOutputStyle,
		"dependency_policy": setDependencyPolicy,
		"lock":              setLock,
		"compose_files":     setComposeFiles,
		"profiles":          setProfiles,
		"shard_items":       setShardItems,
		"on_lost":           setOnLost,
	}
}

func setService(d *taskDraft, v cty.Value) (err error) {
	d.task.Service, err = ctyconv.AsNonEmptyText(v)
	return err
}

// setJob: a job has no running container, so the task always has a container of its own.
func setJob(d *taskDraft, v cty.Value) error {
	d.task.IsJob = true
	return setService(d, v)
}

func setImage(d *taskDraft, v cty.Value) (err error) {
	d.task.Image, err = ctyconv.AsNonEmptyText(v)
	return err
}

func setCommand(d *taskDraft, v cty.Value) (err error) {
	d.task.Command, err = ctyconv.AsCommand(v)
	if err == nil && d.task.Kind == HostTask && (len(d.task.Command) == 0 || d.task.Command[0] == "") {
		return errors.New("on the host it must name a program, but it is empty")
	}
	return err
}

// setScript replaces the newlines of Windows. A shell would read the carriage return as a part of a word.
func setScript(d *taskDraft, v cty.Value) error {
	script, err := ctyconv.AsText(v)
	script = strings.ReplaceAll(script, "\r\n", "\n")
	d.script = &script
	return err
}

func setShell(d *taskDraft, v cty.Value) error {
	shell, err := ctyconv.AsCommand(v)
	if err == nil && len(shell) == 0 {
		return errors.New("it must name a program, but it is empty")
	}
	d.shell = shell
	return err
}

func setEntrypoint(d *taskDraft, v cty.Value) error {
	entrypoint, err := ctyconv.AsCommand(v)
	var operator shellwords.OperatorError
	if errors.As(err, &operator) {
		return fmt.Errorf("no shell runs the entrypoint, so %q has no effect here: write a list",
			operator.Operator)
	}
	d.task.Entrypoint = entrypoint
	return err
}

func setEnv(d *taskDraft, v cty.Value) error {
	env, err := ctyconv.AsMap(v)
	for name := range env {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			return ctyconv.WrongKeyError(name, "%q cannot be the name of an environment variable", name)
		}
	}
	d.task.Env = mergeMaps(d.task.Env, env)
	return err
}

// setLabels adds labels to the labels below. A null removes a label.
func setLabels(d *taskDraft, v cty.Value) error {
	labels, err := ctyconv.AsMap(v)
	d.task.Labels = mergeMaps(d.task.Labels)
	for key, value := range labels {
		if strings.HasPrefix(key, "com.docker.compose.") || strings.HasPrefix(key, "tasks.") {
			return ctyconv.WrongKeyError(key,
				"the label %q cannot be taken: com.docker.compose. and tasks. are for Compose and tasks", key)
		}
		delete(d.task.Labels, key)
		if value != nil {
			d.task.Labels = mergeMaps(d.task.Labels, map[string]string{key: *value})
		}
	}
	return err
}

func setUser(d *taskDraft, v cty.Value) (err error) {
	d.task.User, err = ctyconv.AsText(v)
	return err
}

// setWorkdir makes a directory on the host absolute, from the directory of the file. A directory in a container
// must be absolute: the engine would report the error only after the start of the dependencies.
func setWorkdir(d *taskDraft, v cty.Value) error {
	dir, err := ctyconv.AsNonEmptyText(v)
	if err != nil {
		return err
	}
	switch {
	case d.task.Kind != HostTask && !isAbsoluteInContainer(dir):
		return fmt.Errorf("%q is not absolute, and a working directory in a container must be", dir)
	case d.task.Kind == HostTask && !filepath.IsAbs(dir):
		dir = filepath.Join(d.attributeDir, dir)
	}
	d.task.Workdir = dir
	return nil
}

// isAbsoluteInContainer accepts paths of Linux containers and of Windows containers.
func isAbsoluteInContainer(dir string) bool {
	return strings.HasPrefix(dir, "/") || len(dir) > 2 && dir[1] == ':'
}

func setPorts(d *taskDraft, v cty.Value) (err error) {
	d.recordElementRanges("ports", v)
	d.task.Ports, err = ctyconv.AsList(v)
	return err
}

func setServicePorts(d *taskDraft, v cty.Value) (err error) {
	d.task.ServicePorts, err = ctyconv.AsBool(v)
	return err
}

func setVolumes(d *taskDraft, v cty.Value) error {
	d.recordElementRanges("volumes", v)
	volumes, err := ctyconv.AsList(v)
	for _, text := range volumes {
		d.task.Volumes = append(d.task.Volumes, Volume{Text: text, Dir: d.attributeDir})
	}
	return err
}

func setUseAliases(d *taskDraft, v cty.Value) (err error) {
	d.task.UseAliases, err = ctyconv.AsBool(v)
	return err
}

func setCapAdd(d *taskDraft, v cty.Value) (err error) {
	d.task.CapAdd, err = ctyconv.AsList(v)
	return err
}

func setCapDrop(d *taskDraft, v cty.Value) (err error) {
	d.task.CapDrop, err = ctyconv.AsList(v)
	return err
}

func setContainerName(d *taskDraft, v cty.Value) (err error) {
	d.task.ContainerName, err = ctyconv.AsNonEmptyText(v)
	if err == nil {
		err = checkContainerName(d.task.ContainerName)
	}
	return err
}

// checkContainerName accepts the names that the engine accepts (names.RestrictedNamePattern of moby).
func checkContainerName(name string) error {
	if !containerNamePattern().MatchString(name) {
		return fmt.Errorf("%q cannot be the name of a container: it is two or more letters, digits, `_`, `.` and `-`, a "+
			"letter or digit first", name)
	}
	return nil
}

var containerNamePattern = diag.LazyRegexp(`^[a-zA-Z0-9][a-zA-Z0-9_.-]+$`)

func setDetach(d *taskDraft, v cty.Value) (err error) {
	d.task.Detach, err = ctyconv.AsBool(v)
	return err
}

func setTTY(d *taskDraft, v cty.Value) error {
	if v.Type() == cty.String && v.AsString() == "auto" {
		d.task.TTY = TTYAuto
		return nil
	}
	always, err := ctyconv.AsBool(v)
	if err != nil {
		return ctyconv.WrongTypeError(`true, false or "auto"`, v)
	}
	d.task.TTY = TTYNever
	if always {
		d.task.TTY = TTYAlways
	}
	return nil
}

func setInteractive(d *taskDraft, v cty.Value) (err error) {
	d.task.Interactive, err = ctyconv.AsBool(v)
	return err
}

func setRM(d *taskDraft, v cty.Value) (err error) {
	d.task.RM, err = ctyconv.AsBool(v)
	return err
}

func setNoDeps(d *taskDraft, v cty.Value) (err error) {
	d.task.NoDeps, err = ctyconv.AsBool(v)
	return err
}

func setOutputStyle(d *taskDraft, v cty.Value) error {
	text, err := ctyconv.AsText(v)
	if err == nil {
		d.task.OutputStyle, err = ParseOutputStyle(text)
	}
	return err
}

// outputStyleConflict names the attribute that excludes an output style, or returns "".
func outputStyleConflict(t *Task) string {
	switch {
	case t.Detach:
		return "detach"
	case t.TTY == TTYAlways && t.OutputStyle != config.StyleStream:
		return "tty"
	}
	return ""
}
