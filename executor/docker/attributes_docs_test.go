package docker

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// update rewrites the table of docs/attributes.md.
var update = flag.Bool("update", false, "rewrite the table of docs/attributes.md")

// docRows are all rows: each attribute, and behind it its parts.
func docRows() []docRow {
	var rows []docRow
	all := attributes()
	slices.SortFunc(all, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	known := proofs()
	for _, a := range all {
		row := docRow{name: a.name, target: a.target, since: a.since, note: known[a.name].note, test: known[a.name].test}
		if a.refusal != "" {
			row.target = "refused: it " + a.refusal
		}
		rows = append(rows, row)
		for _, part := range partRows() {
			if strings.HasPrefix(part.name, a.name+".") {
				rows = append(rows, part)
			}
		}
	}
	return rows
}

// TestAttributesAreDocumented: the table of docs/attributes.md is that of the code.
func TestAttributesAreDocumented(t *testing.T) {
	const page, begin, end = "../../docs/attributes.md", "<!-- attributes: go test ./executor/docker -run Documented -update -->\n", "<!-- end of attributes -->\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no %q and %q", page, begin, end)
	}
	want := before + begin + docTable() + end + after
	switch {
	case string(text) == want:
	case !*update:
		t.Errorf("the table of %s is not that of the code: go test ./executor/docker -run Documented -update", page)
	default:
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func docTable() string {
	var table strings.Builder
	table.WriteString("\n| attribute | translation | needs | note | proven by |\n|---|---|---|---|---|\n")
	for _, r := range docRows() {
		needs := "any engine"
		if r.since != "" {
			needs = fmt.Sprintf("Docker Engine %s (API %s)", engineVersionOf(r.since), r.since)
		}
		note := r.note
		if note == "" {
			note = "as in the file"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s | `%s` |\n", r.name, r.target, needs, note, r.test)
	}
	return table.String() + "\n"
}

// TestEveryPartHasARow: a part that compose-go gains is one that somebody has to think about.
func TestEveryPartHasARow(t *testing.T) {
	rows := map[string]bool{}
	for _, r := range docRows() {
		if rows[r.name] {
			t.Errorf("%s has two rows", r.name)
		}
		rows[r.name] = true
		if r.target == "" || r.test == "" {
			t.Errorf("%s: where it goes, or what proves it, is not said", r.name)
		}
	}
	for name := range proofs() {
		if !rows[name] {
			t.Errorf("%s is no attribute", name)
		}
	}
	known := map[string]bool{}
	for _, name := range fieldNames(reflect.TypeFor[types.ServiceConfig](), "") {
		known[name] = true
		if !rows[name] && !hasRowAbove(rows, name) {
			t.Errorf("compose-go has %s, which has no row", name)
		}
	}
	for name := range rows {
		if base, _, _ := strings.Cut(name, ":"); !known[base] {
			t.Errorf("compose-go has no %s", name)
		}
	}
}

// hasRowAbove says that what a part belongs to has a row and is documented as a whole: none of its other parts has one.
func hasRowAbove(rows map[string]bool, name string) bool {
	above := name[:max(0, strings.LastIndex(name, "."))]
	if above == "" || anyBelow(rows, above) {
		return above != "" && anyBelow(rows, name)
	}
	return rows[above] || hasRowAbove(rows, above)
}

func anyBelow(rows map[string]bool, name string) bool {
	for row := range rows {
		if strings.HasPrefix(row, name+".") {
			return true
		}
	}
	return false
}

// fieldNames are the names of all attributes of a type of compose-go, and of those of what they are made of.
func fieldNames(t reflect.Type, above string) []string {
	var names []string
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if field.Anonymous && t != reflect.TypeFor[types.PreStartHook]() { // a hook is a container like a service
			names = append(names, fieldNames(field.Type, above)...)
		}
		if name == "" || name == "-" || strings.HasPrefix(name, "#") {
			continue
		}
		names = append(names, above+name)
		inner, below := field.Type, above+name+"."
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice || inner.Kind() == reflect.Map {
			if inner.Kind() == reflect.Map {
				below += "*."
			}
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			names = append(names, fieldNames(inner, below)...)
		}
	}
	return names
}

// TestProvingTestsExist: each is in the repository, and its file speaks of the attribute.
func TestProvingTestsExist(t *testing.T) {
	files := testFiles(t)
	for _, r := range docRows() {
		name, _, _ := strings.Cut(r.name, ":")
		last := name[strings.LastIndex(name, ".")+1:]
		speaks := slices.ContainsFunc(files[r.test], func(text string) bool { return strings.Contains(text, last) })
		switch {
		case len(files[r.test]) == 0:
			t.Errorf("%s: there is no test %s", r.name, r.test)
		case !speaks && r.name != "name" && r.test != "TestRefusedAttributes" && r.test != "TestEveryAttributeIsInTheTable":
			t.Errorf("%s: the file of %s does not speak of it", r.name, r.test)
		}
	}
}

// testFiles are the texts of the files that have a test, by its name.
func testFiles(t *testing.T) map[string][]string {
	t.Helper()
	files := map[string][]string{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "attributes_rows_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
			files[m[1]] = append(files[m[1]], string(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestVersionsOfTheTable: what needs a version is refused, or warned of, one version below, and not at it.
func TestVersionsOfTheTable(t *testing.T) {
	count := 0
	for _, r := range docRows() {
		if r.since == "" {
			continue
		}
		count++
		sample := r.sample
		if sample == "" {
			sample = samples()[r.name]
		}
		t.Run(r.name, func(t *testing.T) {
			spec := specOf(t, sample, "volumes: {data: }")
			for api, want := range map[apiVersion]bool{before(t, r.since): true, apiVersion(r.since): false} {
				made, err := createOptions(spec, api)
				warnings := strings.Join(made.warnings, "\n")
				if err != nil {
					warnings += err.Error()
				}
				needs := fmt.Sprintf("needs Docker Engine %s (API %s), and this one speaks API %s", engineVersionOf(r.since), r.since, api)
				if strings.Contains(warnings, needs) != want || err != nil && !want {
					t.Errorf("API %s is told %q of %s", api, warnings, sample)
				}
			}
		})
	}
	if count < 10 {
		t.Errorf("only %d versions were looked at", count)
	}
}

// before is the version of the API before another.
func before(t *testing.T, version string) apiVersion {
	t.Helper()
	var minor int
	if _, err := fmt.Sscanf(version, "1.%d", &minor); err != nil {
		t.Fatal(err)
	}
	return apiVersion(fmt.Sprintf("1.%d", minor-1))
}

// TestEmptyIsNotNothing: an empty command or entrypoint is sent as one, which the engine tells from none.
func TestEmptyIsNotNothing(t *testing.T) {
	for attributes, want := range map[string]string{
		"hostname: x":                   `null null`,
		"command: []":                   `[] null`,
		"entrypoint: []":                `null []`,
		"entrypoint: ['']\ncommand: []": `[] [""]`,
		"entrypoint: [a]":               `null ["a"]`,
	} {
		wire := onTheWire(t, created(t, specOf(t, attributes), newest).options.Config)
		if got := encoded(t, wire["Cmd"]) + " " + encoded(t, wire["Entrypoint"]); got != want {
			t.Errorf("%s: Cmd and Entrypoint are %s, want %s", attributes, got, want)
		}
	}
}

// TestLoaderRefusesWhatHasNoPlace: what compose-go's types have and no compose file may say.
func TestLoaderRefusesWhatHasNoPlace(t *testing.T) {
	for _, attributes := range []string{
		"deploy: {resources: {limits: {devices: [{capabilities: [gpu]}]}}}",
		"deploy: {resources: {limits: {generic_resources: [{discrete_resource_spec: {kind: k, value: 1}}]}}}",
		"deploy: {resources: {reservations: {pids: 3}}}",
		"post_start: [{command: x, image: y}]", "post_start: [{command: x, per_replica: true}]", "pre_start: [{command: x, ports: [80]}]",
		"pre_stop: [{command: x, image: y}]", "pre_stop: [{command: x, per_replica: true}]",
	} {
		if err := loadError(t, attributes); err == nil || !strings.Contains(err.Error(), "compose.yaml:5:") {
			t.Errorf("%s: %v", attributes, err)
		}
	}
}
