package starter

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/internal/format"
	"tasks/internal/plaintext"
)

// maxComment is the number of characters of a comment from a source.
const maxComment = 160

// finish names everything, and returns the text of the file in canonical layout.
func (d *document) finish() []byte {
	d.spreadFaults()
	d.settleOrders()
	d.spreadFaults()
	for _, t := range d.tasks {
		if t.fault == "" {
			for _, value := range t.texts() {
				value.use()
			}
		}
	}
	d.nameTasks()
	d.nameVariables()
	var b strings.Builder
	writeComments(&b, d.header)
	d.writeVariables(&b)
	for _, p := range d.probes {
		fmt.Fprintf(&b, "\nservice %s {\nready {\ntcp = %d\n}\n}\n", quote(p.service), p.port)
	}
	for _, t := range d.tasks {
		if t.fault == "" || !t.isHidden {
			b.WriteString("\n")
			t.write(&b)
		}
	}
	if len(d.notes) > 0 {
		b.WriteString("\n")
		writeComments(&b, d.notes)
	}
	return format.Source([]byte(b.String()))
}

// spreadFaults records that a task without the tasks of its own has no equal.
func (d *document) spreadFaults() {
	for hasChanged := true; hasChanged; {
		hasChanged = false
		for _, t := range d.tasks {
			for _, other := range t.others() {
				if t.fault == "" && other.fault != "" {
					t.fail("needs %s, a task without an equal", other.name)
					hasChanged = true
				}
			}
		}
	}
}

// writeComments writes lines of comments. Control characters are spelled out.
func writeComments(b *strings.Builder, lines []string) {
	for _, line := range lines {
		if line == "" {
			b.WriteString("#\n")
			continue
		}
		b.WriteString("# " + plaintext.Escape(line) + "\n")
	}
}

// shorten bounds a text from a source.
func shorten(s string) string {
	if runes := []rune(s); len(runes) > maxComment {
		return string(runes[:maxComment-1]) + "…"
	}
	return s
}

// writeVariables writes the used variables, and the locals.
func (d *document) writeVariables(b *strings.Builder) {
	hasLocals := false
	for _, v := range d.variables {
		if v.isUsed && v.isLocal {
			hasLocals = true
			continue
		}
		if v.isUsed {
			b.WriteString("\n")
			fmt.Fprintf(b, "variable %s {\ndefault = %s\n", quote(v.name), v.value.hcl())
			writeText(b, "description", shorten(v.comment))
			b.WriteString("}\n")
		}
	}
	if !hasLocals {
		return
	}
	b.WriteString("\nlocals {\n")
	for _, v := range d.variables {
		if v.isUsed && v.isLocal {
			fmt.Fprintf(b, "%s = %s\n", v.name, v.value.hcl())
		}
	}
	b.WriteString("}\n")
}

// write writes the block of a task, or a comment for a task without an equal.
func (t *task) write(b *strings.Builder) {
	if t.fault != "" {
		writeComments(b, []string{shorten(fmt.Sprintf("%s: no equal for %s: %s", t.place, t.name, t.fault))})
		return
	}
	comments := make([]string, len(t.comments))
	for i, comment := range t.comments {
		comments[i] = shorten(comment)
	}
	writeComments(b, comments)
	b.WriteString("task " + quote(t.name) + " {\n")
	writeText(b, "description", plaintext.Escape(shorten(t.description)))
	writeText(b, "group", plaintext.Escape(shorten(t.group)))
	writeList(b, "aliases", t.aliases)
	if t.isHidden {
		b.WriteString("hidden = true\n")
	}
	t.writeOrder(b)
	writeText(b, "service", t.service)
	writeText(b, "job", t.job)
	writeText(b, "image", t.image)
	if t.isExec {
		b.WriteString("mode = \"exec\"\n")
	}
	b.WriteString(t.block)
	t.writeCommand(b)
	t.writeSurroundings(b)
	for _, a := range t.args {
		b.WriteString("\n")
		a.write(b)
	}
	for _, name := range t.required {
		fmt.Fprintf(b, "\nprecondition {\ncondition = env(%s, \"\") != \"\"\nerror_message = %s\n}\n", quote(name),
			quote("Set "+name+" in the environment."))
	}
	for _, c := range t.calls {
		fmt.Fprintf(b, "\ndepends {\ntask = %s\nargs = %s\n}\n", taskReference(c.task.name), textList(c.args))
	}
	b.WriteString("}\n")
}

// writeOrder writes the references to other tasks and to services.
func (t *task) writeOrder(b *strings.Builder) {
	list := append([]string(nil), t.dependsOn...)
	writeReferences(b, "depends_on", append(list, references(t.needs)...))
	writeReferences(b, "steps", references(t.steps))
	writeReferences(b, "finally", references(t.finally))
	writeText(b, "confirm", plaintext.Escape(t.confirm))
	if t.enabled != "" {
		b.WriteString("enabled = " + t.enabled + "\n")
	}
}

func (t *task) writeCommand(b *strings.Builder) {
	if len(t.command) > 0 {
		list := textList(t.command)
		if t.passesArgs {
			list = strings.TrimSuffix(list, "]") + ", args]"
		}
		b.WriteString("command = " + list + "\n")
	}
	if len(t.script) > 0 {
		writeList(b, "shell", t.shell)
		b.WriteString("script = " + t.script.scriptParts().script() + "\n")
	}
}

// writeSurroundings writes the attributes around a command.
func (t *task) writeSurroundings(b *strings.Builder) {
	if len(t.workdir) > 0 {
		b.WriteString("workdir = " + t.workdir.hcl() + "\n")
	}
	writeText(b, "user", t.user)
	if len(t.env) > 0 {
		b.WriteString("env = {\n")
		for _, e := range t.env {
			name := e.name
			if !hclsyntax.ValidIdentifier(name) {
				name = quote(name)
			}
			fmt.Fprintf(b, "%s = %s\n", name, e.value.hcl())
		}
		b.WriteString("}\n")
	}
	writeList(b, "env_files", t.envFiles)
	if len(t.volumes) > 0 {
		b.WriteString("volumes = " + textList(t.volumes) + "\n")
	}
	if len(t.ports) > 0 {
		b.WriteString("ports = " + textList(t.ports) + "\n")
	}
	writeList(b, "inputs", t.inputs)
	writeList(b, "outputs", t.outputs)
	if t.allowsFail {
		b.WriteString("allow_failure = true\n")
	}
}

func (a argument) write(b *strings.Builder) {
	b.WriteString("arg " + quote(a.name) + " {\n")
	value := a.defaultValue.hcl()
	if a.isVariadic {
		b.WriteString("variadic = true\n")
		if value = "[" + value + "]"; len(a.defaultValue) == 0 {
			value = "[]"
		}
	}
	if a.isOptional {
		b.WriteString("default = " + value + "\n")
	}
	b.WriteString("}\n")
}

func writeText(b *strings.Builder, name, value string) {
	if value != "" {
		b.WriteString(name + " = " + quote(value) + "\n")
	}
}

func writeList(b *strings.Builder, name string, values []string) {
	if len(values) > 0 {
		b.WriteString(name + " = " + quoteList(values) + "\n")
	}
}

// maxReferencesInLine is the number of references of a list on one line.
const maxReferencesInLine = 6

func writeReferences(b *strings.Builder, name string, list []string) {
	switch {
	case len(list) == 0:
	case len(list) <= maxReferencesInLine:
		b.WriteString(name + " = [" + strings.Join(list, ", ") + "]\n")
	default:
		b.WriteString(name + " = [\n" + strings.Join(list, ",\n") + ",\n]\n")
	}
}

func references(tasks []*task) []string {
	var list []string
	for _, t := range tasks {
		list = append(list, taskReference(t.name))
	}
	return list
}

func textList(list []text) string {
	quoted := make([]string, len(list))
	for i, t := range list {
		quoted[i] = t.hcl()
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
