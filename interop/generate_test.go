package interop

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// attributes are those of one service as they are written in a compose file.
type attributes map[string]any

// attributeGenerator writes one attribute, now and then.
type attributeGenerator struct {
	// name of the attribute. Several generators may write one; the first that has its turn wins.
	name string
	// percent is how often it is written.
	percent int
	// excludes are the attributes that it cannot go with.
	excludes []string
	// write returns the value, nil for none; it may look at what the service has already.
	write func(a *serviceGenerator, have attributes) any
}

// generators are all there are. TestEachAttributeIsGenerated holds them against the compose specification.
func generators() []attributeGenerator {
	return slices.Concat(
		processGenerators(), labelGenerators(), healthGenerators(), namespaceGenerators(), securityGenerators(), cpuGenerators(),
		memoryGenerators(), deviceGenerators(), networkGenerators(), portGenerators(), mountGenerators(), clientGenerators(),
	)
}

// serviceGenerator writes services at random; the same seed gives the same services.
type serviceGenerator struct {
	*rand.Rand
	// number counts up, for what must be there once only.
	number int
}

func newAuthor(seed uint64) *serviceGenerator {
	return &serviceGenerator{Rand: rand.New(rand.NewPCG(seed, 0))}
}

// service writes one. Not all attributes go together: what comes first by chance stays.
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

// excluded says that a generator cannot go with what a service has, by its own word or by the other's.
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

// choose chooses among values.
func (a *serviceGenerator) choose(values ...any) any { return values[a.IntN(len(values))] }

func (a *serviceGenerator) word(words ...string) string { return words[a.IntN(len(words))] }

// chooseSome chooses at least one, each once, in any order.
func (a *serviceGenerator) chooseSome(values ...any) []any {
	values = slices.Clone(values)
	a.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	return values[:1+a.IntN(len(values))]
}

// nextNumber is a number that has not been there.
func (a *serviceGenerator) nextNumber() int {
	a.number++
	return a.number
}

// text is a value that needs care somewhere on the way: quotes, interpolation, several lines, nothing at all.
func (a *serviceGenerator) text() string {
	return a.word("plain", "two words", "", " spaced ", "<a & b>", "it's \"quoted\"", "a=b=c", "a:b", "${SHELL_WORD}",
		"${UNSET_WORD:-fallback}",
		"${SHELL_WORD:+there}", "costs $$5", "line one\nline two", "tab\there", "äöü €", "#no comment", "yes", "1e3", "null", "{}",
		`back\slash`, "@number",
		"*", "%s", "trailing\\")
}

// mapping is a map in one of its two forms: keys with values, or a list of KEY=VALUE.
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

// oneOrList is a word by itself, or a list of some.
func (a *serviceGenerator) oneOrList(values ...any) any {
	if a.happens(30) {
		return a.choose(values...)
	}
	return a.chooseSome(values...)
}

// written is the YAML of a value.
func written(t *testing.T, value any) string {
	t.Helper()
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// writeAlways writes the same kind of value, whatever the service has.
func writeAlways(write func(a *serviceGenerator) any) func(*serviceGenerator, attributes) any {
	return func(a *serviceGenerator, _ attributes) any { return write(a) }
}

// oneOf chooses among values.
func oneOf(values ...any) func(*serviceGenerator, attributes) any {
	return writeAlways(func(a *serviceGenerator) any { return a.choose(values...) })
}

// someOf is a list of values.
func someOf(values ...any) func(*serviceGenerator, attributes) any {
	return writeAlways(func(a *serviceGenerator) any { return a.chooseSome(values...) })
}

// notGenerated are the attributes that no generator writes, and why.
func notGenerated() map[string]string {
	const older, other = "the engine of API 1.41 does not have it, and is refused with an error (docs/compose.md)",
		"refused with an error (docs/compose.md)"
	const hardware = "the engines of the tests refuse it: their kernel or storage lacks it"
	return map[string]string{
		"annotations": older, "mac_address": older, "credential_spec": "for Windows containers", "models": other, "provider": other,
		"image": "each service has the one of the tests", "storage_opt": hardware, "cpu_rt_period": hardware, "cpu_rt_runtime": hardware,
		"dockerfile": "of an older format", "net": "of an older format", "log_driver": "of an older format",
		"log_opt": "of an older format",
		"name":    "the key of the service", "pre_start": "differs, see docs/compose.md; hooks_test.go compares it",
		"volume_driver": "the schema does not have it",
	}
}

// TestEachAttributeIsGenerated: an attribute that compose-go learns of is generated, or somebody says why not.
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

// TestSameSeedSameServices: a failure can be looked at again.
func TestSameSeedSameServices(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		one, other := written(t, newAuthor(seed).service()), written(t, newAuthor(seed).service())
		if one != other {
			t.Errorf("seed %d gives\n%s\nand\n%s", seed, one, other)
		}
	}
}

// TestGeneratedServicesLoad: nearly all of what is generated is valid, as far as that can be known without an engine.
func TestGeneratedServicesLoad(t *testing.T) {
	t.Parallel()
	p := &project{t: t, dir: t.TempDir(), name: "generated", env: append(environment(), "SHELL_WORD=of the <shell>")}
	p.placeholders = strings.NewReplacer("@image", "image", "@project", p.name, "@subnet", "10.1.2", "@dir", p.dir, "@arch", "amd64")
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
