package hclspec

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/hcltext"
)

// OnceBlock writes the `task` block with the meaning of a call of `tasks once`. Relative paths of the block start
// at dir, the directory of the block's file. Relative paths of the options start at in.Cwd. The error reports a
// name or text that no block can have.
func OnceBlock(in Inputs, name, service string, args []string, o Options, dir string) (string, error) {
	if !config.TaskNamePattern().MatchString(name) {
		return "", fmt.Errorf("%q cannot be the name of a task: a name is made of letters, digits, `_`, `-` and `.`, with "+
			"a letter or digit first.%s", name, config.SuggestTaskName(name))
	}
	o = in.withProjectEnv("", o) // pass_env takes values from the environment alone
	for _, text := range slices.Concat(args, o.userTexts()) {
		if !utf8.ValidString(text) || cty.NormalizeString(text) != text {
			return "", fmt.Errorf("no task block can say %q: its texts are Unicode with composed characters (NFC)", text)
		}
	}
	w := &blockWriter{in: in, dir: dir}
	if isJob(in, service) {
		w.text("job", service)
	} else {
		w.text("service", service)
	}
	if len(args) > 0 {
		w.list("command", args)
	}
	if o.Entrypoint != nil {
		w.entrypoint(o)
	}
	w.environment(o)
	w.mapping("labels", o.Labels)
	w.text("user", o.User)
	w.text("workdir", o.Workdir)
	w.list("ports", o.Ports)
	w.flag("service_ports", o.ServicePorts)
	w.list("volumes", w.volumes(o.Volumes))
	w.flag("use_aliases", o.UseAliases)
	w.list("cap_add", o.CapAdd)
	w.list("cap_drop", o.CapDrop)
	w.text("container_name", o.ContainerName)
	w.flag("detach", o.Detach)
	if o.TTY != nil {
		tty := *o.TTY == TTYAlways
		w.flag("tty", &tty)
	}
	w.flag("interactive", o.Interactive)
	rm := o.RM != nil && *o.RM
	w.flag("rm", &rm)
	w.flag("no_deps", o.NoDeps)
	return w.block(name), nil
}

// userTexts returns the user's own texts in the options.
func (o *Options) userTexts() []string {
	texts := slices.Concat(o.EnvFiles, o.Volumes, []string{o.User, o.Workdir})
	if o.Entrypoint != nil {
		texts = append(texts, *o.Entrypoint)
	}
	for _, entries := range []map[string]string{o.Env, o.Labels} {
		texts = slices.AppendSeq(texts, maps.Keys(entries))
		texts = slices.AppendSeq(texts, maps.Values(entries))
	}
	return texts
}

// blockWriter writes the attributes of a block.
type blockWriter struct {
	in   Inputs
	dir  string
	body []hcltext.Assignment
}

// block returns the attributes as a task block.
func (w *blockWriter) block(name string) string {
	var b strings.Builder
	b.WriteString("task " + hcltext.Quote(name) + " {\n")
	hcltext.WriteAssignments(&b, "  ", w.body)
	b.WriteString("}\n")
	return b.String()
}

func (w *blockWriter) set(name, value string) {
	w.body = append(w.body, hcltext.Assignment{Name: name, Value: value})
}

func (w *blockWriter) text(name, value string) {
	if value != "" {
		w.set(name, hcltext.Quote(value))
	}
}

func (w *blockWriter) flag(name string, value *bool) {
	if value != nil {
		w.set(name, strconv.FormatBool(*value))
	}
}

// list writes a list. A nil list is left out, an empty list is not.
func (w *blockWriter) list(name string, texts []string) {
	if texts != nil {
		w.set(name, hcltext.Tuple(texts))
	}
}

func (w *blockWriter) mapping(name string, entries map[string]string) {
	if len(entries) > 0 {
		w.set(name, hcltext.Object(entries))
	}
}

func (w *blockWriter) entrypoint(o Options) {
	parts, _ := o.entrypoint() // checked before
	if len(parts) == 0 {
		w.set("entrypoint", hcltext.Quote(""))
		return
	}
	w.list("entrypoint", parts)
}

// environment writes names without a value as pass_env. With env files, the current value is written, because a
// file would win over pass_env.
func (w *blockWriter) environment(o Options) {
	env := maps.Clone(o.Env)
	if env == nil {
		env = map[string]string{}
	}
	var pass []string
	for _, name := range o.PassEnv {
		value, set := w.in.Env(name)
		switch {
		case len(o.EnvFiles) == 0 && !strings.ContainsAny(name, `*?[\`): // pass_env would take it for a glob
			pass = append(pass, name)
		case set:
			env[name] = value
		}
	}
	w.mapping("env", env)
	var files []string
	for _, file := range o.EnvFiles {
		files = append(files, w.relative(file))
	}
	w.list("env_files", files)
	w.list("pass_env", pass)
}

// volumes makes relative paths start at the block's directory.
func (w *blockWriter) volumes(texts []string) []string {
	out := slices.Clone(texts)
	for i, text := range out {
		source, rest, found := strings.Cut(text, ":")
		if found && strings.HasPrefix(source, ".") {
			out[i] = w.relative(filepath.Join(w.in.Cwd, source)) + ":" + rest
		}
	}
	return out
}

// relative returns an absolute path relative to the block's directory. The `./` distinguishes the path from a
// volume's name.
func (w *blockWriter) relative(path string) string {
	rel, err := filepath.Rel(w.dir, path)
	if err != nil {
		return path
	}
	if rel = filepath.ToSlash(rel); !strings.HasPrefix(rel, ".") {
		rel = "./" + rel
	}
	return rel
}
