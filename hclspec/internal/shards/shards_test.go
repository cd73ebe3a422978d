package shards

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	seconds := func(all map[string]int) map[string]time.Duration {
		times := map[string]time.Duration{}
		for item, n := range all {
			times[item] = time.Duration(n) * time.Second
		}
		return times
	}
	tests := map[string]struct {
		items string
		times map[string]int
		count int
		want  string
	}{
		"without times, equal numbers":    {"a b c d e", nil, 2, "a c e|b d"},
		"the longest first":               {"a b c d", map[string]int{"a": 1, "b": 2, "c": 3, "d": 6}, 2, "d|a b c"},
		"in the given order":              {"d c b a", map[string]int{"a": 1, "b": 2, "c": 3, "d": 6}, 2, "d|c b a"},
		"an unknown item is average":      {"a b c", map[string]int{"a": 4, "c": 2}, 2, "a|b c"},
		"more shards than items":          {"a", nil, 3, "a||"},
		"no items":                        {"", nil, 2, "|"},
		"items of no time count too":      {"a b c d", map[string]int{"a": 0, "b": 0, "c": 0, "d": 0}, 2, "a c|b d"},
		"one shard":                       {"b a", nil, 1, "b a"},
		"a time of an item that is gone":  {"a b", map[string]int{"gone": 100}, 2, "a|b"},
		"equal times, by name, not place": {"c a b", map[string]int{"a": 1, "b": 1, "c": 1}, 3, "a|b|c"},
	}
	for name, test := range tests {
		var got []string
		for _, shard := range Split(strings.Fields(test.items), seconds(test.times), test.count) {
			got = append(got, strings.Join(shard, " "))
		}
		if text := strings.Join(got, "|"); text != test.want {
			t.Errorf("%s: %q; want %q", name, text, test.want)
		}
	}
}

// TestSplitLosesNothing: each item is in exactly one shard, whatever the order of the list.
func TestSplitLosesNothing(t *testing.T) {
	for count := 1; count < 12; count++ {
		var items []string
		times := map[string]time.Duration{}
		for i := range 40 {
			item := fmt.Sprint("item", i)
			items = append(items, item)
			if i%3 > 0 {
				times[item] = time.Duration(i*i%17) * time.Second
			}
		}
		first := Split(items, times, count)
		all := slices.Concat(first...)
		slices.Sort(all)
		if len(slices.Compact(all)) != len(items) {
			t.Fatalf("%d shards: %q", count, first)
		}
		slices.Reverse(items)
		for i, shard := range Split(items, times, count) {
			if slices.Reverse(shard); !slices.Equal(shard, first[i]) {
				t.Errorf("shard %d of %d: %q in one order, %q in the other", i+1, count, first[i], shard)
			}
		}
	}
}

const junitOfMany = `<?xml version="1.0" encoding="utf-8"?>
<testsuites>
  <testsuite name="pytest" time="9">
    <testcase classname="tests.test_a" name="test_one" time="1.5"/>
    <testcase classname="tests.test_a.TestClass" name="test_two" time="0.25"><failure message="no"/></testcase>
    <testcase classname="tests.test_b" name="test_three" time="2"/>
    <testcase classname="com.acme.FooTest" name="works" time="1,000.5"/>
    <testcase classname="spec" name="in a file" file="./spec/a_spec.rb" time="3"/>
    <properties><property name="x" value="y"/></properties>
  </testsuite>
  <testsuite name="example.com/shop/cart">
    <testsuite name="inner"><testcase classname="cart" name="TestAdd" time="4"/></testsuite>
    <testcase classname="cart" name="TestSkipped"/>
  </testsuite>
</testsuites>`

func TestTimings(t *testing.T) {
	var timings Timings
	for _, file := range []string{junitOfMany, `<testsuite><testcase classname="tests.test_b" name="test_three" time="1"/></testsuite>`} {
		if err := timings.Add(strings.NewReader(file)); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		items []string
		want  map[string]string
	}{
		"files as pytest writes them": {[]string{"tests/test_a.py", "./tests/test_b.py", "tests/test_c.py"},
			map[string]string{"tests/test_a.py": "1.75s", "./tests/test_b.py": "2s"}},
		"cases": {[]string{"tests/test_a.py::test_one", "tests/test_a.py::TestClass::test_two", "tests/test_a.py"},
			map[string]string{"tests/test_a.py::test_one": "1.5s", "tests/test_a.py::TestClass::test_two": "250ms"}},
		"classes and packages": {[]string{"com.acme.FooTest", "tests"},
			map[string]string{"com.acme.FooTest": "16m40.5s", "tests": "3.75s"}},
		"a method":               {[]string{"com.acme.FooTest#works"}, map[string]string{"com.acme.FooTest#works": "16m40.5s"}},
		"a file of a case":       {[]string{"spec/a_spec.rb"}, map[string]string{"spec/a_spec.rb": "3s"}},
		"a suite":                {[]string{"example.com/shop/cart"}, map[string]string{"example.com/shop/cart": "4s"}},
		"nothing of this name":   {[]string{"other"}, map[string]string{}},
		"an extension is no dot": {[]string{"com.acme"}, map[string]string{"com.acme": "16m40.5s"}},
	}
	for name, test := range tests {
		got := map[string]string{}
		for item, d := range timings.Of(test.items) {
			got[item] = d.String()
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestWrongJUnit: nothing of a file with a mistake counts, and the mistake is named.
func TestWrongJUnit(t *testing.T) {
	for file, want := range map[string]string{
		"":              "it has no element",
		"text":          "it has no element",
		"<html></html>": `the first element is "html", not testsuites or testsuite`,
		`<testsuite><testcase name="a" time="1"/>`:                "unexpected EOF",
		`<testsuite><testcase name="a" time="soon"/></testsuite>`: `the time "soon" of test case "a" is no number of seconds`,
		`<testsuite><testcase name="a" time="-1"/></testsuite>`:   `the time "-1" of test case "a" is no number of seconds`,
		`<testsuite><testcase name="a" time="NaN"/></testsuite>`:  `the time "NaN" of test case "a" is no number of seconds`,
	} {
		var timings Timings
		err := timings.Add(strings.NewReader(file))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v; want %q", file, err, want)
		}
		if times := timings.Of([]string{"a"}); len(times) > 0 {
			t.Errorf("%q: times %v", file, times)
		}
	}
}

// TestLargeTimes: an endless time cannot turn a sum negative.
func TestLargeTimes(t *testing.T) {
	var timings Timings
	file := `<testsuite><testcase name="a" time="1e300"/><testcase name="a" time="1e300"/><testcase name="b" time="Inf"/></testsuite>`
	if err := timings.Add(strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	want := map[string]time.Duration{"a": maxTime, "b": maxTime}
	if diff := cmp.Diff(want, timings.Of([]string{"a", "b"})); diff != "" {
		t.Error(diff)
	}
}

// TestSplitByTimings: the last division is kept for the same items and number alone.
func TestSplitByTimings(t *testing.T) {
	timings := &Timings{}
	file := `<testsuite><testcase name="a" time="9"/><testcase name="b" time="1"/><testcase name="c" time="1"/></testsuite>`
	if err := timings.Add(strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	for _, items := range [][]string{{"a", "b", "c"}, {"a", "b", "c"}, {"c", "b", "a"}, {"b"}, nil} {
		for _, count := range []int{1, 2, 2, 3} {
			want := Split(items, timings.Of(items), count)
			if diff := cmp.Diff(want, timings.Split(items, count)); diff != "" {
				t.Errorf("%q in %d: %s", items, count, diff)
			}
		}
	}
}
