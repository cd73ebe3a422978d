package composeproject

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sirupsen/logrus"
)

// FuzzLoad looks for compose files that make the loader panic, whose mistakes have no place in a file, or that are
// accepted and cannot be selected or hashed. The second file is the base for extends, and the file of an include.
func FuzzLoad(f *testing.F) {
	logrus.SetOutput(io.Discard)
	f.Cleanup(func() { logrus.SetOutput(os.Stderr) })
	base := "services:\n  base:\n    image: a\n    environment: [X=1]\n"
	f.Add(mutationSample, base)
	f.Add(validated, base)
	f.Add(layers(4, "    deploy: {replicas: 2}\n"), base)
	f.Add("include: [base.yaml, {path: [base.yaml], project_directory: .}]\nservices: {web: {image: b, links: [base]}}\n", base)
	f.Add("services: {a: {extends: b}, b: {extends: {service: base, file: base.yaml}}}\n", "services: {base: {extends: other}, other: {}}\n")
	f.Add("services:\n  a: {image: a, scale: 2, network_mode: \"service:b\"}\n  b: {build: {dockerfile_inline: FROM a}, ports: [\"1-3:1-3/udp\"]}\n", "a: !reset\n---\n")
	f.Add(" ", "")
	f.Add("services: {web: {image: a}}\n---", "")
	f.Add("services: {web: {image: a}}\r\rnetworks: {n: {a: b}}", "")
	for _, odd := range oddValues() {
		f.Add("services: {web: {image: a, ports: "+odd+", volumes: "+odd+", deploy: "+odd+"}}\nnetworks: {n: "+odd+"}\n", "services: {base: "+odd+"}\n")
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text, second string) {
		sizes := map[string]int{}
		for name, content := range map[string]string{"compose.yaml": text, "base.yaml": second} {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
			sizes[path] = yamlLines(content)
		}
		project, err := Load(t.Context(), Options{WorkingDir: dir, Environ: []string{"B=1"}})
		if err != nil {
			checkMistakes(t, err, sizes)
			return
		}
		selected, err := project.Select(nil)
		if err != nil {
			return
		}
		for name, service := range selected.Model().Services {
			if hash, err := ServiceHash(service); err != nil || hash.Modern == "" {
				t.Errorf("hash of service %q: %v, %v", name, hash, err)
			}
		}
	})
}

// yamlLines counts lines with the line breaks of YAML 1.1.
func yamlLines(text string) int {
	lines := 1
	for _, lineBreak := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} {
		lines += strings.Count(text, lineBreak)
	}
	return lines
}

// checkMistakes fails for a mistake without a place inside of a file, and for the text of a Go error.
func checkMistakes(t *testing.T, err error, sizes map[string]int) {
	t.Helper()
	failure, ok := errors.AsType[*LoadError](err)
	if !ok || len(failure.Mistakes) == 0 {
		t.Errorf("%T: %v", err, err)
		return
	}
	for _, m := range failure.Mistakes {
		isEmptyFile := m.Line == 0 && m.Message == "empty compose file"
		if lines, known := sizes[m.File]; !known || m.Line < 1 && !isEmptyFile || m.Line > lines || m.Column < 0 {
			t.Errorf("%s:%d:%d is no place: %v", m.File, m.Line, m.Column, m)
		}
		if strings.Contains(m.Message, "runtime error") || strings.Contains(m.Message, "goroutine ") {
			t.Errorf("a Go error: %v", m)
		}
	}
}
