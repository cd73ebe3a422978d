package composeproject

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sirupsen/logrus"
)

var (
	oddCount = flag.Int("odd", 400, "how many files with odd values TestOddValues loads; 0: all")
	oddSeed  = flag.Uint64("oddseed", 1, "where TestOddValues starts")
	// oddPeer is a program of Compose, for example docker-compose-v5.
	oddPeer = flag.String("oddpeer", "", "a `PROGRAM` of Compose that TestOddValues compares, 20 files per second")
)

// oddValues are values of all kinds, in the flow style of YAML. Most are wrong for most attributes.
func oddValues() []string {
	return []string{
		"", "null", `""`, "x", "0", "-1", "1.5", "true", "[]", "{}", "[null]", `[""]`, "[x]", "[[x]]", "[{a: b}]", "[x, x]",
		"{a: }", "{a: b}", "{a: {b: c}}", "{a: [x]}", "{x-a: b}", `"${UNSET}"`, `"${UNSET:?}"`, "!reset null", "!override []",
	}
}

// oddForms are the ways to combine a lower and an upper value of an attribute.
func oddForms() []string {
	return []string{"override", "extends", "extends file", "include", "include override"}
}

// oddAttributes returns the paths of attributes in compose files, down to a depth.
func oddAttributes() [][]string {
	var all [][]string
	var add func(path []string, depth int)
	add = func(path []string, depth int) {
		for _, name := range attributesAt(path) {
			below := append(path[:len(path):len(path)], name)
			all = append(all, below)
			if depth > 0 {
				add(below, depth-1)
			}
		}
	}
	add([]string{"services", "web"}, 2)
	for _, section := range []string{"networks", "volumes", "secrets", "configs", "models"} {
		all = append(all, []string{section}, []string{section, "one"})
		add([]string{section, "one"}, 1)
	}
	for _, name := range []string{"services", "include", "name", "version", "jobs", "x-any"} {
		all = append(all, []string{name})
	}
	return append(all, []string{"services", "web"}, []string{"services", "web", "x-any"}, []string{"jobs", "web"})
}

// oddCase is a project with two odd values of an attribute.
type oddCase struct {
	path         []string
	lower, upper string
	form         string
}

// oddCaseCount is the number of all cases.
func oddCaseCount(attributes int) int {
	return attributes * len(oddValues()) * len(oddValues()) * len(oddForms())
}

// newOddCase returns a case by its number.
func newOddCase(attributes [][]string, number int) oddCase {
	next := func(n int) int {
		i := number % n
		number /= n
		return i
	}
	values := oddValues()
	return oddCase{
		form: oddForms()[next(len(oddForms()))], path: attributes[next(len(attributes))],
		upper: values[next(len(values))], lower: values[next(len(values))],
	}
}

// document nests a value below a path. A service has an image, and a name.
func (c oddCase) document(value, service string) string {
	var text strings.Builder
	for i, name := range c.path {
		if i == 1 && c.path[0] == "services" {
			name = service
		}
		fmt.Fprintf(&text, "%s%s:", strings.Repeat("  ", i), name)
		if i < len(c.path)-1 {
			text.WriteString("\n")
		}
	}
	text.WriteString(" " + value + "\n")
	if len(c.path) > 2 && c.path[0] == "services" && c.path[2] != "image" {
		text.WriteString("    image: a\n")
	}
	if c.path[0] != "services" {
		text.WriteString("services:\n  " + service + ": {image: a}\n")
	}
	return text.String()
}

// files returns the files of the case.
func (c oddCase) files() map[string]string {
	lower, upper := c.document(c.lower, "web"), c.document(c.upper, "web")
	extending := func(base string) string {
		const mark = "    image: a\n"
		return strings.Replace(upper, mark, "    extends: {"+base+"}\n", 1)
	}
	switch c.form {
	case "override":
		return map[string]string{"compose.yaml": lower, "compose.override.yaml": upper}
	case "extends":
		base, _ := strings.CutPrefix(c.document(c.lower, "base"), "services:\n")
		return map[string]string{"compose.yaml": extending("service: base") + base}
	case "extends file":
		return map[string]string{"compose.yaml": extending("file: base.yaml, service: web"), "base.yaml": lower}
	case "include":
		return map[string]string{"compose.yaml": "include: [base.yaml]\n" + upper, "base.yaml": lower}
	default:
		return map[string]string{
			"compose.yaml": "include:\n  - path: [base.yaml, more.yaml]\nservices: {own: {image: a}}\n", "base.yaml": lower,
			"more.yaml": upper,
		}
	}
}

func (c oddCase) String() string {
	return fmt.Sprintf("%s: %q and %q by %s", strings.Join(c.path, "."), c.lower, c.upper, c.form)
}

// TestOddValues loads projects with odd values of all attributes, joined by override, extends and include. A wrong
// project gives mistakes in the project's files, never a panic. `-odd 0` loads all, `-odd 100000` is a long search.
func TestOddValues(t *testing.T) {
	logrus.SetOutput(io.Discard)
	t.Cleanup(func() { logrus.SetOutput(os.Stderr) })
	attributes := oddAttributes()
	all := oddCaseCount(len(attributes))
	if all < 100_000 {
		t.Fatalf("only %d cases", all)
	}
	count := *oddCount
	if count == 0 {
		count = all
	}
	random := rand.New(rand.NewPCG(*oddSeed, 0))
	dir := t.TempDir()
	rejected := 0
	for i := range count {
		number := i
		if count < all {
			number = random.IntN(all)
		}
		c := newOddCase(attributes, number)
		project := filepath.Join(dir, fmt.Sprint(i))
		if !c.load(t, project) {
			rejected++
		}
		os.RemoveAll(project)
	}
	t.Logf("%d projects of %d, %d rejected", count, all, rejected)
	if rejected == 0 || rejected == count {
		t.Errorf("%d of %d projects are rejected", rejected, count)
	}
}

// load loads and selects a case, and reports whether the loader accepts the files.
func (c oddCase) load(t *testing.T, dir string) (ok bool) {
	t.Helper()
	files := c.files()
	describe := func() string { return fmt.Sprintf("%v\n%v", c, files) }
	defer func() {
		if value := recover(); value != nil {
			t.Errorf("%s\npanic: %v", describe(), value)
		}
	}()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Load(t.Context(), Options{WorkingDir: dir, Name: "odd"})
	if err == nil {
		_, _ = p.Select(nil)
	}
	if *oddPeer != "" {
		compareWithPeer(t, dir, err, describe)
	}
	if err == nil {
		return true
	}
	failure, isExplained := errors.AsType[*LoadError](err)
	if !isExplained || len(failure.Mistakes) == 0 {
		t.Errorf("%s\n%T %v", describe(), err, err)
		return false
	}
	for _, m := range failure.Mistakes {
		hasPlace := m.Line > 0 || m.Message == "empty compose file"
		if filepath.Dir(m.File) != dir || strings.Contains(m.Message, "runtime error") || !hasPlace {
			t.Errorf("%s\n%v", describe(), m)
		}
	}
	return false
}

// compareWithPeer reports files that Load rejects and `config -q` of Compose accepts.
func compareWithPeer(t *testing.T, dir string, loadErr error, describe func() string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), *oddPeer, "-p", "odd", "config", "-q")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "B=1")
	output, err := cmd.CombinedOutput()
	if err == nil && loadErr != nil {
		t.Errorf("%s\nCompose: %v %s\ntasks: %v", describe(), err, output, loadErr)
	}
}
