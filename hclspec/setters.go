package hclspec

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/shellwords"
)

// taskDraft is a task while its attributes are evaluated.
type taskDraft struct {
	task Task
	// script is the text of the script, nil where there is none.
	script *string
	shell  []string
	// passed and fileEnv are the environment of pass_env and env_files.
	passEnv, fileEnv map[string]*string
	in               Inputs
	// fromDefaults are the names of the attributes that come from defaults.
	fromDefaults map[string]bool
	// projectDir is the project's directory; dir that of the file with the attribute which is set, where its paths start.
	projectDir, attributeDir string
	// attributeExpr is what the value that is set was written as.
	attributeExpr hclsyntax.Expression
}

// recordElementRanges remembers where the texts of a list stand that are checked only when the compose project is known.
func (d *taskDraft) recordElementRanges(attr string, v cty.Value) {
	list, ok := d.attributeExpr.(*hclsyntax.TupleConsExpr)
	if !ok || !v.Type().IsTupleType() || v.LengthInt() != len(list.Exprs) {
		return
	}
	for i, expr := range list.Exprs {
		if text, err := ctyconv.AsText(v.Index(cty.NumberIntVal(int64(i)))); err == nil {
			d.task.Ranges[elementRangeKey(attr, text)] = expr.Range()
		}
	}
}

// clearMerged forgets what values beneath a null have given to an attribute that merges by key.
func (d *taskDraft) clearMerged(name string) {
	switch name {
	case "env":
		d.task.Env = nil
	case "labels":
		d.task.Labels = nil
	}
}

// setter stores the value of one attribute. The value is known and not null. Only elements of env and of lists may be null.
type setter func(d *taskDraft, v cty.Value) error

// attributeSetters returns the setters of a task's attributes by name. An attribute without a setter is evaluated by code of its own.
func attributeSetters() map[string]setter {
	return map[string]setter{
		"service":           setService,
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
	}
}

func setService(d *taskDraft, v cty.Value) (err error) {
	d.task.Service, err = ctyconv.AsNonEmptyText(v)
	return err
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

// setScript takes the newlines of Windows for plain ones: a shell would take the carriage return for part of a word.
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
		return fmt.Errorf("%s means something to a shell only, and no shell looks at this text: write a list", operator.Operator)
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

// setLabels adds the labels that are not null to those beneath, and takes away those that are.
func setLabels(d *taskDraft, v cty.Value) error {
	labels, err := ctyconv.AsMap(v)
	d.task.Labels = mergeMaps(d.task.Labels)
	for key, value := range labels {
		if strings.HasPrefix(key, "com.docker.compose.") || strings.HasPrefix(key, "tasks.") {
			return ctyconv.WrongKeyError(key, "the label %q cannot be taken: com.docker.compose. and tasks. are for Compose and tasks", key)
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

// setWorkdir makes a directory of the host absolute, from the file's own directory. One in a container must be so
// already: the engine refuses others, but only after the dependencies were started.
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

// isAbsoluteInContainer knows the paths of Linux and of Windows containers.
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

// checkContainerName wants what the engine takes (names.RestrictedNamePattern of moby).
func checkContainerName(name string) error {
	if !containerNamePattern().MatchString(name) {
		return fmt.Errorf("%q cannot be the name of a container: it is two or more letters, digits, `_`, `.` and `-`, a letter or digit first", name)
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

// assembleCommand makes the final argument list of what the attributes say.
func (d *taskDraft) assembleCommand(args []string) {
	container := d.task.Kind == ServiceTask || d.task.Kind == ImageTask
	switch {
	case d.script != nil:
		shell := d.shell
		if shell == nil {
			shell = []string{"sh", "-euc"}
		}
		d.task.Command = append(append([]string{}, shell...), append([]string{*d.script, d.task.Name}, args...)...)
	case d.task.Command != nil:
	case container && len(args) > 0:
		d.task.Command = append([]string{}, args...)
	case container && d.task.Entrypoint != nil:
		// As in Compose: an entrypoint of one's own drops the service's command.
		d.task.Command = []string{}
	}
}
