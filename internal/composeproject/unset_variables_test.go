package composeproject

import (
	"slices"
	"strings"
	"testing"

	"tasks/internal/composefile"
)

// unsetVariables loads a project and returns the reported variables with their places.
func unsetVariables(t *testing.T, opts Options) (unset []string) {
	t.Helper()
	opts.OnUnset = func(place, name string) { unset = append(unset, place+" "+name) }
	if _, err := Load(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	return unset
}

// A variable without a value is reported once, with the first place in the files, and the same at each call.
func TestUnsetVariables(t *testing.T) {
	dir := projectFolder(t, "app", map[string]string{
		"compose.yaml": `# ${COMMENT}
include: [more.yaml]
services:
  web:
    image: a
    command: ["$$ESCAPED", "$LATER ${LATER}", $PLAIN]
    environment:
      A: ${FIRST}
      B: "$$${SECOND} ${SET} ${EMPTY} ${DEFAULT:-x} ${DEFAULT-x} ${NONE:+x} ${SET:?}"
    labels: {x: "${LATER}"}
    extends: {file: base.yaml, service: base}
    user: |
      one
      ${LINE}
`,
		"more.yaml": "services: {more: {image: b, user: \"${OF_INCLUDE}\"}}\n",
		"base.yaml": "services: {base: {image: c, working_dir: \"/$OF_BASE\"}}\n",
	})
	want := []string{
		"compose.yaml:6:29 LATER", "compose.yaml:6:47 PLAIN", "compose.yaml:8:10 FIRST", "compose.yaml:9:13 SECOND",
		"compose.yaml:14:7 LINE", "more.yaml:1:36 OF_INCLUDE", "base.yaml:1:44 OF_BASE",
	}
	for range 5 {
		got := unsetVariables(t, Options{WorkingDir: dir, Environ: []string{"SET=1", "EMPTY="}})
		slices.Sort(got[5:]) // the order of the other files is that of the loader
		slices.Sort(want[5:])
		if !slices.Equal(got, want) {
			t.Fatalf("got  %q\nwant %q", got, want)
		}
	}
}

func TestPlainVariables(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "$A": "A", "${A}": "A", "x$A-${B}y": "A B", "$$A": "", "$$$A": "A", "$$$$A": "", "${A:-$B}": "", "${A:-${B}} $C": "C",
		"${A:-${B:-$C}}$D": "D", "$1 $ {x} $": "", "${A": "", "$A$A": "A A", "${_a1}": "_a1", "${A?}}$B": "B",
	} {
		if got := strings.Join(composefile.PlainVariables(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestMissingEnvFile(t *testing.T) {
	dir := projectFolder(t, "app", map[string]string{"compose.yaml": "services: {web: {image: a}}\n"})
	for want, opts := range map[string]Options{
		"env file " + dir + "/no.env: no such file or directory":                    {EnvFiles: []string{"no.env"}},
		"COMPOSE_ENV_FILES: env file " + dir + "/no.env: no such file or directory": {Environ: []string{"COMPOSE_ENV_FILES=no.env"}},
	} {
		opts.WorkingDir = dir
		if _, err := Load(t.Context(), opts); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
