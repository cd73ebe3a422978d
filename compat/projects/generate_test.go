package projects_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"tasks/internal/testing/composetest"
)

// attributes are the attributes of a service in the form of a compose file.
type attributes map[string]any

// attributeGenerator writes an attribute with some probability.
type attributeGenerator struct {
	// name is the attribute's name. Several generators may write an attribute; the first in turn wins.
	name string
	// percent is the probability.
	percent int
	// excludes are incompatible attributes.
	excludes []string
	// write returns the value, or nil. write may read the service's earlier attributes.
	write func(a *serviceGenerator, have attributes) any
}

// generators returns all generators. TestEachAttributeIsGenerated compares them with the compose specification.
func generators() []attributeGenerator {
	return slices.Concat(
		processGenerators(), labelGenerators(), healthGenerators(), namespaceGenerators(), securityGenerators(), cpuGenerators(),
		memoryGenerators(), deviceGenerators(), networkGenerators(), portGenerators(), mountGenerators(), clientGenerators(),
	)
}

// serviceGenerator writes random services. The same seed gives the same services.
type serviceGenerator struct {
	*rand.Rand
	// number is a counter for unique values.
	number int
}

func newAuthor(seed uint64) *serviceGenerator {
	return &serviceGenerator{Rand: rand.New(rand.NewPCG(seed, 0))}
}

// service writes a service. Of incompatible attributes, the first by chance stays.
func (a *serviceGenerator) service() attributes {
	s := attributes{"image": "@image"}
	all := generators()
	a.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, g := range all {
		if !a.happens(g.percent) || s[g.name] != nil || excluded(all, s, g) {
			continue
		}
		if value := g.write(a, s); value != nil {
			s[g.name] = value
		}
	}
	if s["depends_on"] == nil {
		s["depends_on"] = gateDependency()
	}
	return s
}

// excluded reports whether a generator is incompatible with a service's attributes, in either direction.
func excluded(all []attributeGenerator, s attributes, g attributeGenerator) bool {
	for _, name := range g.excludes {
		if s[name] != nil {
			return true
		}
	}
	return slices.ContainsFunc(all, func(other attributeGenerator) bool {
		return s[other.name] != nil && slices.Contains(other.excludes, g.name)
	})
}

func (a *serviceGenerator) happens(percent int) bool { return a.IntN(100) < percent }

// choose chooses a value.
func (a *serviceGenerator) choose(values ...any) any { return values[a.IntN(len(values))] }

func (a *serviceGenerator) word(words ...string) string { return words[a.IntN(len(words))] }

// chooseSome chooses at least one value, without repetition, in any order.
func (a *serviceGenerator) chooseSome(values ...any) []any {
	values = slices.Clone(values)
	a.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	return values[:1+a.IntN(len(values))]
}

// nextNumber returns an unused number.
func (a *serviceGenerator) nextNumber() int {
	a.number++
	return a.number
}

// text returns a value that is difficult on the way: quotes, interpolation, several lines, or an empty text.
func (a *serviceGenerator) text() string {
	return a.word("plain", "two words", "", " spaced ", "<a & b>", "it's \"quoted\"", "a=b=c", "a:b", "${SHELL_WORD}",
		"${UNSET_WORD:-fallback}",
		"${SHELL_WORD:+there}", "costs $$5", "line one\nline two", "tab\there", "äöü €", "#no comment", "yes", "1e3", "null", "{}",
		`back\slash`, "@number",
		"*", "%s", "trailing\\")
}

// mapping returns a map in either form: keys with values, or a list of KEY=VALUE.
func (a *serviceGenerator) mapping(values map[string]any) any {
	if a.happens(50) {
		return values
	}
	var list []any
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if values[key] == nil {
			list = append(list, key)
		} else {
			list = append(list, fmt.Sprintf("%s=%v", key, values[key]))
		}
	}
	return list
}

// oneOrList returns a single word, or a list.
func (a *serviceGenerator) oneOrList(values ...any) any {
	if a.happens(30) {
		return a.choose(values...)
	}
	return a.chooseSome(values...)
}

// written returns the YAML of a value.
func written(t *testing.T, value any) string {
	t.Helper()
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// writeAlways writes a value of the same kind, whatever the service has.
func writeAlways(write func(a *serviceGenerator) any) func(*serviceGenerator, attributes) any {
	return func(a *serviceGenerator, _ attributes) any { return write(a) }
}

// oneOf chooses a value.
func oneOf(values ...any) func(*serviceGenerator, attributes) any {
	return writeAlways(func(a *serviceGenerator) any { return a.choose(values...) })
}

// someOf returns a list of values.
func someOf(values ...any) func(*serviceGenerator, attributes) any {
	return writeAlways(func(a *serviceGenerator) any { return a.chooseSome(values...) })
}

// notGenerated are the attributes without a generator, with reasons.
func notGenerated() map[string]string {
	const older, other = "the engine of API 1.41 does not have it, and is refused with an error (docs/compose.md)",
		"refused with an error (docs/compose.md)"
	const hardware = "the engines of the tests refuse it: their kernel or storage lacks it"
	return map[string]string{
		"annotations": older, "mac_address": older, "credential_spec": "for Windows containers", "models": other, "provider": other,
		"image": "each service has the one of the tests", "storage_opt": hardware, "cpu_rt_period": hardware, "cpu_rt_runtime": hardware,
		"dockerfile": "of an older format", "net": "of an older format", "log_driver": "of an older format",
		"log_opt": "of an older format",
		"name":    "the key of the service", "pre_start": "TestCorpus compares the hash, hooks_test.go the containers",
		"umask": older, "pull_refresh_after": "images are not pulled here",
		"volume_driver": "the schema does not have it",
	}
}

// TestEachAttributeIsGenerated checks that each attribute of compose-go has a generator or a reason for none.
func TestEachAttributeIsGenerated(t *testing.T) {
	t.Parallel()
	left := notGenerated()
	for _, g := range generators() {
		left[g.name] = "generated"
	}
	for name := range serviceFields() {
		if name != "" && name != "-" && !strings.HasPrefix(name, "#") && left[name] == "" {
			t.Errorf("no service is generated with %s", name)
		}
	}
	for name := range left {
		if !serviceFields()[name] {
			t.Errorf("a service has no attribute %s", name)
		}
	}
}

// TestSameSeedSameServices checks that a failure can be repeated.
func TestSameSeedSameServices(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		one, other := written(t, newAuthor(seed).service()), written(t, newAuthor(seed).service())
		if one != other {
			t.Errorf("seed %d gives\n%s\nand\n%s", seed, one, other)
		}
	}
}

// TestGeneratedServicesLoad checks that nearly all generated services are valid, as far as a test without an engine can
// check.
func TestGeneratedServicesLoad(t *testing.T) {
	t.Parallel()
	p := &project{&composetest.Project{T: t, Dir: t.TempDir(), Name: "generated", Env: append(composetest.Environment(), "SHELL_WORD=of the <shell>")}}
	p.Placeholders = strings.NewReplacer("@image", "image", "@project", p.Name, "@subnet", "10.1.2", "@dir", p.Dir, "@arch", "amd64")
	p.writeSurroundings()
	d, file := &comparer{project: p, t: t}, newAuthor(1).file(60)
	loads, broken := d.splitLoadable(file)
	for name, service := range broken {
		t.Logf("%v:\n%s", d.load(file.only(map[string]attributes{name: service})), written(t, service))
	}
	if len(loads) < 58 {
		t.Errorf("only %d of %d services can be loaded", len(loads), len(file.services))
	}
}
