package starter

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tasks/hclspec"
	"tasks/internal/format"
)

// TestReadSource: a source is a regular file of text with a bounded size.
func TestReadSource(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"zero": "a\x00b", "latin": "caf\xe9", "large": strings.Repeat("x", maxSource+1), "whole": strings.Repeat("x", maxSource),
		"mark": "\xef\xbb\xbfa\r\nb",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"zero": "is no text in UTF-8", "latin": "is no text in UTF-8", "large": "has more than 1024 KiB", "missing": "no such file",
		"whole": "", "mark": "",
	} {
		_, err := readSource(name, filepath.Join(dir, name))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if s, err := readSource("mark", filepath.Join(dir, "mark")); err != nil || string(s.content) != "a\nb" {
		t.Errorf("content %q", s.content)
	}
	if _, err := readSource("dir", dir); err == nil || !strings.Contains(err.Error(), "is no regular file") {
		t.Errorf("a directory: %v", err)
	}
}

// TestCreateKeepsOtherFiles: a file of another process stays, and no unfinished file is left.
func TestCreateKeepsOtherFiles(t *testing.T) {
	dir := t.TempDir()
	file := &File{path: filepath.Join(dir, fileName), name: fileName, Text: []byte("new")}
	if err := file.create(); err != nil {
		t.Fatal(err)
	}
	other := &File{path: file.path, name: fileName, Text: []byte("other")}
	if err := other.create(); err == nil || !strings.Contains(err.Error(), "never overwritten") {
		t.Errorf("error %v", err)
	}
	if err := other.writeNew(); err == nil {
		t.Error("a file without a link replaced another file")
	}
	content, err := os.ReadFile(file.path)
	if err != nil || string(content) != "new" {
		t.Errorf("content %q, error %v", content, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("files %v, want only %s", entries, fileName)
	}
}

// makeText makes the text of a starter file from one source.
func makeText(dir, name string, content []byte) ([]byte, error) {
	k, isKnown := kindOf(name)
	if !isKnown {
		return nil, fmt.Errorf("no kind of %s", name)
	}
	d := &document{root: dir}
	s := &source{name: name, path: filepath.Join(dir, name), content: content}
	if err := k.add(d, s); err != nil {
		return nil, err
	}
	return d.finish(), nil
}

// TestBounds: a small file cannot make a large starter file, or a long wait.
func TestBounds(t *testing.T) {
	var aliases strings.Builder
	aliases.WriteString("version: '3'\na0: &a0 [x, x]\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&aliases, "a%d: &a%d [*a%d, *a%d]\n", i, i, i-1, i-1)
	}
	var rules, calls strings.Builder
	for i := range maxTasks + 1 {
		fmt.Fprintf(&rules, "t%d:\n\ttrue\n", i)
	}
	calls.WriteString("version: '3'\ntasks:\n  t0: 'true'\n")
	for i := 1; i < 30; i++ {
		fmt.Fprintf(&calls, "  t%d: {cmds: [{task: t%d, vars: {A: a}}, {task: t%d, vars: {A: b}}]}\n", i, i-1, i-1)
	}
	for _, c := range []struct{ name, content, want string }{
		{"Taskfile.yml", aliases.String(), "too many or too deeply nested values"},
		{"Taskfile.yml", "version: '3'\ntasks: " + strings.Repeat("[", 200) + strings.Repeat("]", 200), "too deeply nested"},
		{"Makefile", rules.String(), "more than 2000 tasks"},
		{"Taskfile.yml", calls.String(), ""},
		{"Taskfile.yml", "version: '3'\ntasks:\n  a: {cmds: [{task: a, vars: {X: y}}]}\n", ""},
		{"justfile", "a := " + strings.Repeat("(", 100_000), ""},
		{"justfile", "a := env(" + strings.Repeat("env(", 100_000), ""},
		{"Makefile", doubled("A%d = $(A%d)$(A%d)\n", "A0 = x\n") + "x:\n\techo $(A59)\n", ""},
		{"justfile", doubled("a%d := a%d + a%d\n", "a0 := 'x'\n") + "x:\n    echo {{a59}}\n", ""},
		{"Taskfile.yml", "version: '3'\nvars:\n" + doubled("  A%d: '{{.A%d}}{{.A%d}}'\n", "  A0: x\n") + "tasks: {t: 'echo {{.A59}}'}\n", ""},
		{"Makefile", "x:\n\techo " + strings.Repeat("\\\n", 300_000), ""},
		{"Makefile", "A = " + strings.Repeat("\\\n", 300_000), ""},
		{"Makefile", "x:\n\techo " + strings.Repeat("$(shell ", 100_000) + strings.Repeat(")", 100_000), ""},
		{"justfile", "a := '" + strings.Repeat("\n", 300_000), ""},
		{"Makefile", "a" + strings.Repeat(" b", 200_000) + ":\n\ttrue\n", ""},
		{"Makefile", "a:\n" + strings.Repeat("\ttrue\n", 100_000), ""},
		{"Makefile", "A = " + strings.Repeat("$(A", 50_000) + "\nx:\n\techo $(A)\n", ""},
	} {
		text, err := makeText(t.TempDir(), c.name, []byte(c.content))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if len(text) > 2<<20 {
			t.Errorf("%s: a text of %d bytes", c.name, len(text))
		}
	}
}

// doubled writes 59 definitions, each with the definition before twice.
func doubled(format, first string) string {
	var b strings.Builder
	b.WriteString(first)
	for i := 1; i < 60; i++ {
		fmt.Fprintf(&b, format, i, i-1, i-1)
	}
	return b.String()
}

// FuzzSources: whatever a source says, the starter file is valid and in canonical layout.
func FuzzSources(f *testing.F) {
	for name, content := range map[string]string{
		"Makefile":     "A ?= x\nB := $(shell date)\nt: u ## d\n\t@-cd $(A) && echo '$$x' ${B} \\\n\t  y\nu: ; true\nifdef X\nv:\n\ta\nendif\n%.o:\n\tc\n",
		"justfile":     "set shell := ['bash', '-uc']\na := 'x' + `date`\nt p='y' *q: (u a) && u\n    echo {{p}} {{q}}\nu z:\n    #!/bin/sh\n    x\n",
		"Taskfile.yml": "version: '3'\nvars: {A: {sh: date}}\ntasks:\n  t: {deps: [u], cmds: ['echo {{.A}} {{.CLI_ARGS}}', {task: u, vars: {B: c}}]}\n  u: x\n",
		"package.json": `{"scripts": {"a:b": "x ${y}", "prea": "z"}}`,
		"batect.yml":   "containers: {c: {image: a, environment: {X: '$Y', Z: '${Q:-r}'}}}\ntasks: {t: {run: {container: c, command: a b}}}\n",
		"README.md":    "`docker compose run --rm web x`",
	} {
		f.Add(name, []byte(content))
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		if filepath.Base(name) != name || !bytes.Equal(bytes.ToValidUTF8(content, nil), content) || bytes.IndexByte(content, 0) >= 0 {
			return
		}
		text, err := makeText(t.TempDir(), name, content)
		if err != nil {
			return
		}
		if _, diags := hclspec.Parse([]hclspec.Source{{Name: fileName, Path: fileName, Bytes: text}}); diags.HasErrors() {
			t.Fatalf("%v in\n%s", diags, text)
		}
		if again := format.Source(text); !bytes.Equal(again, text) {
			t.Fatalf("no canonical layout:\n%s", text)
		}
	})
}
