package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseOptions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "out.md")
	tests := map[string]struct {
		args []string
		err  string
	}{
		"all":                {[]string{"-o", file, "-pairs", "41", "-run", "warm|list", "-compose", "a", "-compose", "b", "-task", "t", "-tasks", "x"}, ""},
		"no file":            {[]string{"-o", "-"}, ""},
		"no pairs":           {[]string{"-o", "-", "-pairs", "0"}, "-pairs 0: at least one is needed"},
		"a bad expression":   {[]string{"-o", "-", "-run", "("}, "-run: error parsing regexp"},
		"a bad row":          {[]string{"-o", "-", "-row", "("}, "-row: error parsing regexp"},
		"no such case":       {[]string{"-o", "-", "-run", "tepid"}, "-run tepid matches none of warm, chain, cold, slow, watch, services, display, dag, files, tree, list, plan, start"},
		"no such directory":  {[]string{"-o", filepath.Join(file, "x")}, "is no directory"},
		"words":              {[]string{"-o", "-", "warm"}, `nothing can be done with ["warm"]`},
		"not beside docs":    {nil, "run this at the top of the checkout"},
		"an unknown flag":    {[]string{"-nope"}, "flag provided but not defined: -nope"},
		"pairs not a number": {[]string{"-pairs", "many"}, "invalid value"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parseOptions(test.args, io.Discard)
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("got %v, want %q", err, test.err)
			}
		})
	}
}

func TestParsedOptions(t *testing.T) {
	o, err := parseOptions([]string{"-o", "-", "-compose", "a", "-compose", "b", "-run", "a"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(paths{"a", "b"}, o.composes); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	var names []string
	for _, c := range selected(o.cases) {
		names = append(names, c.name)
	}
	if got := strings.Join(names, " "); got != "warm chain watch display dag plan start" || o.pairs != 15 {
		t.Errorf("%s are chosen, with %d pairs", got, o.pairs)
	}
}

func TestHelpNamesTheCases(t *testing.T) {
	var said bytes.Buffer
	_, err := parseOptions([]string{"-h"}, &said)
	if !errors.Is(err, flag.ErrHelp) || !strings.Contains(said.String(), strings.Join(caseNames(), ", ")) {
		t.Errorf("%v: %s", err, said.String())
	}
}
