package projects_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"tasks/internal/testing/composetest"
)

// explainedDifference is an intended difference between service containers of tasks and of Compose v5. The option is
// the attribute with the difference.
type explainedDifference struct {
	composetest.Difference
	// condition restricts the values beyond the patterns; nil means no restriction.
	condition func(ours, theirs string) bool
	// example is a service with the difference.
	example attributes
	// run is a one-off of the service; without flags, no one-off is needed.
	run run
}

// explainedServices are all such differences. docs/compose.md has the same table.
func explainedServices() []explainedDifference {
	const folder = "a bind with a propagation also uses the short form: there the engine creates a missing folder"
	long := map[string]any{"type": "volume", "source": "data", "target": "/long", "consistency": "cached"}
	from, shared := attributes{"volumes_from": []any{"beta:ro"}}, attributes{"volumes": []any{"./sub:/shared:rshared"}}
	return []explainedDifference{
		{composetest.NewDifference(v5, []string{"Config.StopTimeout"}, "stop_grace_period", "1", "0",
			"half a second of grace must not become zero: whole seconds, rounded up"), nil, attributes{"stop_grace_period": "500ms"}, run{}},
		{composetest.NewDifference(v5, []string{"Config.StopTimeout"}, "stop_grace_period", "3", "2", "the same"), nil,
			attributes{"stop_grace_period": "2500ms"}, run{}},
		{composetest.NewDifference(v5, []string{"HostConfig.VolumesFrom[…]"}, "volumes_from", "<id of …>:r…", "<id of …>",
			"the mode in the file counts"), hasPrefix, from, run{}},
		{composetest.NewDifference(v5, []string{"HostConfig.VolumesFrom[…]"}, "volumes_from", "<project>-outside:ro", "<project>-outside", "the same"),
			hasPrefix, attributes{"volumes_from": []any{"container:@project-outside:ro"}}, run{}},
		{composetest.NewDifference(v5, []string{"Mounts[…].RW"}, "volumes_from", "false", "true", "Compose v5 loses `:ro`"), nil,
			attributes{"volumes_from": []any{"alpha:ro"}}, run{}},
		{composetest.NewDifference(v5, []string{"NetworkSettings.Networks.….Links", "HostConfig.Links"}, "links", "…", "…",
			"a link gives only the alias in the file; the two other aliases of Compose v5 have the number of another container"), isSubset,
			attributes{"links": []any{"alpha:store"}}, run{}},
		{composetest.NewDifference(v5, []string{"HostConfig.Binds[…]", "Mounts[…].Mode"}, "volumes", "…,cached", "…",
			"`consistency` is passed on, as for a bind; an engine on Linux ignores this value"), hasSuffixPrefix,
			attributes{"volumes": []any{long}}, run{}},
		{composetest.NewDifference(v5, []string{"HostConfig.Binds[…]"}, "volumes", "<dir>/sub:…:r…,…", "", folder), nil, shared, run{}},
		{composetest.NewDifference(v5, []string{"HostConfig.Mounts[…].BindOptions.Propagation", "HostConfig.Mounts[…].Source",
			"HostConfig.Mounts[…].Target", "HostConfig.Mounts[…].Type", "HostConfig.Mounts[…].ReadOnly"}, "volumes", "", "…",
			"the same"), nil, shared, run{}},
		{composetest.NewDifference(v5, []string{"Mounts[…].Mode"}, "volumes", "r…,…", "", "the engine shows this value for a mount of this form"), nil,
			shared, run{}},
		{composetest.NewDifference(v5, []string{"file[…]"}, "configs|secrets", "…", "…",
			"the owner in the file counts; with Compose v5 an engine of API 1.41 gives the file to the container's user"), sameExceptOwner,
			attributes{"user": "1000", "configs": []any{map[string]any{"source": "of_content", "target": "/etc/deep/er/config",
				"uid": "7", "gid": "8"}}}, run{flags: []string{"-d", "--no-deps", "-T"}, command: []string{"true"}}},
	}
}

func hasPrefix(ours, theirs string) bool { return strings.HasPrefix(ours, theirs+":") }

func hasSuffixPrefix(ours, theirs string) bool { return strings.TrimSuffix(ours, ",cached") == theirs }

// sameExceptOwner reports whether two files have the same mode and text.
func sameExceptOwner(ours, theirs string) bool {
	one, other := strings.SplitN(ours, " ", 3), strings.SplitN(theirs, " ", 3)
	return len(one) == 3 && len(other) == 3 && one[0] == other[0] && one[2] == other[2]
}

// isSubset reports whether each of our words is among theirs.
func isSubset(ours, theirs string) bool {
	return !slices.ContainsFunc(strings.Fields(ours), func(word string) bool { return !slices.Contains(strings.Fields(theirs), word) })
}

// unexplained returns the unintended findings.
func (d *comparer) unexplained(batch map[string]attributes, found []finding) []finding {
	return slices.DeleteFunc(found, func(f finding) bool {
		i := slices.IndexFunc(explainedServices(), func(e explainedDifference) bool { return e.explains(batch[f.service], f) })
		if i >= 0 {
			d.isSeen[i] = true
		}
		return i >= 0
	})
}

// explains reports whether the difference covers a finding of a service.
func (e explainedDifference) explains(service attributes, f finding) bool {
	has := slices.ContainsFunc(strings.Split(e.Option, "|"), func(name string) bool { return service[name] != nil })
	return (has || service["extends"] != nil) && e.Covers(v5, strings.Split(e.Option, "|")[0], f.path, f.ours, f.theirs) &&
		(e.condition == nil || e.condition(f.ours, f.theirs))
}

// showExplained produces each intended difference. A difference that no longer occurs is reported, so the entry can be
// removed.
func (d *comparer) showExplained() {
	d.t.Helper()
	examples, runs := map[string]attributes{}, map[string]run{}
	for i, e := range explainedServices() {
		name := fmt.Sprintf("e%d", i)
		examples[name] = dropped(e.example, []any{"nothing"})
		examples[name]["image"] = "@image"
		if e.run.flags != nil {
			runs[name] = e.run
		}
	}
	d.batch(0, generated{services: examples, surroundings: newAuthor(0).surroundings(), runs: runs})
	for i, e := range explainedServices() {
		if !d.isSeen[i] {
			d.t.Errorf("there is no such difference any more: %q with %s", e.Fields, e.Option)
		}
	}
}

// TestDifferencesOfServicesAreDocumented compares the table in docs/compose.md with ours.
func TestDifferencesOfServicesAreDocumented(t *testing.T) {
	var table strings.Builder
	fmt.Fprint(&table, "\n| field | with | `tasks` | Compose v5 | why |\n|---|---|---|---|---|\n")
	for _, e := range explainedServices() {
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", composetest.Code(e.Fields...), composetest.Code(strings.Split(e.Option, "|")...), composetest.PatternText(e.Ours),
			composetest.PatternText(e.Theirs), e.Reason)
	}
	table.WriteString("\n")
	composetest.ExpectTable(t, "services", "explainedServices", table.String())
}

// TestExplainedDifferences checks that similar but unintended findings are not covered.
func TestExplainedDifferences(t *testing.T) {
	t.Parallel()
	d := &comparer{isSeen: map[int]bool{}}
	batch := map[string]attributes{"s": {"volumes_from": []any{"beta:ro"}, "links": []any{"alpha"}}, "other": {}}
	found := []finding{
		{"s", "s-1", "HostConfig.VolumesFrom[0]", "<id of b>:ro", "<id of b>"}, {"s", "s-1", "NetworkSettings.Networks.n.Links", "a:b",
			"a:b a:c"},
		{"s", "s-1", "HostConfig.VolumesFrom[0]", "<id of b>:ro", "<id of c>"}, {"s", "s-1", "NetworkSettings.Networks.n.Links", "a:d",
			"a:b a:c"},
		{"other", "other-1", "HostConfig.VolumesFrom[0]", "<id of b>:ro", "<id of b>"}, {"", "network n", "Driver", "a", "b"},
	}
	left := d.unexplained(batch, slices.Clone(found))
	if want := found[2:]; !slices.Equal(left, want) {
		t.Errorf("left are %v, want %v", left, want)
	}
	if len(slices.Collect(maps.Keys(d.isSeen))) != 2 {
		t.Errorf("seen are %v", d.isSeen)
	}
}
