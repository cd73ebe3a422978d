package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitTasks(t *testing.T) {
	for args, want := range map[string][][]string{
		"a":                 {{"a"}},
		"a x y":             {{"a", "x", "y"}},
		"a ::: b":           {{"a"}, {"b"}},
		"a -x ::: b y":      {{"a", "-x"}, {"b", "y"}},
		"a -- ::: b":        {{"a", "--", ":::", "b"}},
		"a ::: b -- x :::":  {{"a"}, {"b", "--", "x", ":::"}},
		"a ::: a ::: a x z": {{"a"}, {"a"}, {"a", "x", "z"}},
		"::: a":             nil,
		"a :::":             nil,
		"a ::: ::: b":       nil,
	} {
		got, err := splitTasks(strings.Fields(args))
		if want == nil {
			if err == nil {
				t.Errorf("%s: %q, but a task is missing", args, got)
			}
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", args, err, diff)
		}
	}
}
