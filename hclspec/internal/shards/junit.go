package shards

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxTime bounds the time of a test case and of an item. Sums of times stay below the largest duration.
const maxTime = 24 * time.Hour

// Timings are the times of test cases from JUnit files, by the names of the cases.
type Timings struct {
	// files has the cases of each file.
	files [][]testCase

	// mu guards the last division: all shards of a task have the same items.
	mu        sync.Mutex
	lastItems []string
	last      [][]string
}

// Split divides items among shards by their times, as the function [Split] does. Split is safe for concurrent use after
// the last Add.
func (t *Timings) Split(items []string, count int) [][]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.last) != count || !slices.Equal(t.lastItems, items) {
		t.lastItems, t.last = slices.Clone(items), Split(items, t.Of(items), count)
	}
	return t.last
}

// testCase is a test case of a JUnit file.
type testCase struct {
	// names are the names of the case, the most exact name first.
	names []string
	time  time.Duration
}

// Add reads a JUnit file. After an error, nothing of the file counts.
func (t *Timings) Add(file io.Reader) error {
	cases, err := readCases(xml.NewDecoder(file))
	if err == nil {
		t.files = append(t.files, cases)
	}
	return err
}

// Of returns the times of the items with a test case. An item is the name of a case, or of something around the case:
// its class, a package of the class, its file, or its suite. The cases of an item in one file add up. Of several files,
// the longest time counts: a file of an earlier run may be left over.
func (t *Timings) Of(items []string) map[string]time.Duration {
	itemByName := map[string]string{}
	for _, item := range items {
		for _, name := range namesOf(item) {
			if _, isTaken := itemByName[name]; !isTaken {
				itemByName[name] = item
			}
		}
	}
	times := map[string]time.Duration{}
	for _, cases := range t.files {
		inFile := map[string]time.Duration{}
		for _, c := range cases {
			i := slices.IndexFunc(c.names, func(name string) bool { return itemByName[name] != "" })
			if i >= 0 {
				item := itemByName[c.names[i]]
				inFile[item] = min(inFile[item]+c.time, maxTime)
			}
		}
		for item, sum := range inFile {
			times[item] = max(times[item], sum)
		}
	}
	return times
}

// namesOf returns the spellings of an item in JUnit files: as written, and with dots as pytest writes the names:
// tests.test_a for tests/test_a.py, tests.test_a.test_b for tests/test_a.py::test_b.
func namesOf(item string) []string {
	file, member, hasMember := strings.Cut(item, "::")
	names := []string{item, cleanPath(item)}
	if !strings.Contains(file, "/") && !hasMember && !strings.HasSuffix(file, ".py") {
		return names
	}
	dotted := strings.ReplaceAll(strings.TrimSuffix(cleanPath(file), path.Ext(file)), "/", ".")
	if hasMember {
		dotted += "." + strings.ReplaceAll(member, "::", ".")
	}
	return append(names, dotted)
}

// cleanPath removes "./" from the begin of a path.
func cleanPath(file string) string {
	return strings.TrimPrefix(strings.ReplaceAll(file, `\`, "/"), "./")
}

// readCases reads all test cases, also of nested suites.
func readCases(d *xml.Decoder) ([]testCase, error) {
	var cases []testCase
	var suites [][]string
	hasRoot := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if !hasRoot {
				return nil, errors.New("it has no element")
			}
			return cases, nil
		}
		if err != nil {
			return nil, err
		}
		switch element := token.(type) {
		case xml.StartElement:
			attrs := attributes(element)
			switch name := element.Name.Local; {
			case !hasRoot && name != "testsuites" && name != "testsuite":
				return nil, fmt.Errorf("the first element is %q, not testsuites or testsuite", name)
			case name == "testcase":
				c, err := newTestCase(attrs, suites)
				if err != nil {
					return nil, err
				}
				cases = append(cases, c)
			}
			hasRoot = true
			suites = append(suites, suiteNames(element.Name.Local, attrs))
		case xml.EndElement:
			suites = suites[:len(suites)-1]
		}
	}
}

func attributes(element xml.StartElement) map[string]string {
	attrs := map[string]string{}
	for _, a := range element.Attr {
		attrs[a.Name.Local] = a.Value
	}
	return attrs
}

// suiteNames returns the names of a suite; none for another element.
func suiteNames(element string, attrs map[string]string) []string {
	if element != "testsuite" {
		return nil
	}
	return []string{cleanPath(attrs["file"]), attrs["name"]}
}

// newTestCase makes a case from its attributes and the suites around it, the outermost suite first.
func newTestCase(attrs map[string]string, suites [][]string) (testCase, error) {
	class, name := attrs["classname"], attrs["name"]
	c := testCase{}
	if text := strings.ReplaceAll(attrs["time"], ",", ""); text != "" {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(seconds) || seconds < 0 {
			return c, fmt.Errorf("the time %q of test case %q is no number of seconds", attrs["time"], name)
		}
		c.time = time.Duration(min(seconds, maxTime.Seconds()) * float64(time.Second))
	}
	names := []string{class + "." + name, class + "::" + name, class + "#" + name, name, cleanPath(attrs["file"])}
	for part := class; part != ""; part = part[:max(0, strings.LastIndex(part, "."))] {
		names = append(names, part)
	}
	for _, suite := range slices.Backward(suites) {
		names = append(names, suite...)
	}
	c.names = slices.DeleteFunc(names, func(name string) bool { return name == "" })
	return c, nil
}
