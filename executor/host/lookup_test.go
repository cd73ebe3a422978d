//go:build linux

package host_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tasks/executor/host"
)

// programs makes a directory with a program of every kind.
func programs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, file := range map[string]struct {
		content string
		mode    os.FileMode
	}{
		"bin/hello":     {"#!/bin/sh\necho hello from bin\n", 0o755},
		"bin2/hello":    {"#!/bin/sh\necho hello from bin2\n", 0o755},
		"bin/plain":     {"#!/bin/sh\n", 0o644},
		"bin2/plain":    {"#!/bin/sh\necho plain from bin2\n", 0o755},
		"plain-only":    {"#!/bin/sh\n", 0o644},
		"local.sh":      {"#!/bin/sh\necho local\n", 0o755},
		"bin/no-interp": {"#!/there/is/none\n", 0o755},
		"bin/garbage":   {"\x00\x01\x02", 0o755},
		"bin/dir/x":     {"", 0o644},
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(file.content), file.mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLookup(t *testing.T) {
	dir := programs(t)
	for _, test := range []struct{ name, path, want string }{
		{"hello", "PATH=" + dir + "/bin:" + dir + "/bin2", "hello from bin\n"},
		{"hello", "PATH=" + dir + "/bin2:" + dir + "/bin", "hello from bin2\n"},
		{"hello", "PATH=bin2", "hello from bin2\n"}, // relative to Dir
		{"plain", "PATH=bin:bin2", "plain from bin2\n"},
		{"local.sh", "PATH=:bin", "local\n"},
		{"./local.sh", "PATH=", "local\n"},
		{"bin/hello", "PATH=", "hello from bin\n"},
		{"bin2/../bin/hello", "NOPATH=", "hello from bin\n"},
		{dir + "/bin/hello", "PATH=", "hello from bin\n"},
	} {
		t.Run(test.name+" "+test.path, func(t *testing.T) {
			var out bytes.Buffer
			p, err := host.Start(host.Command{Args: []string{test.name}, Dir: dir, Env: []string{test.path}, Stdout: &out})
			if err != nil {
				t.Fatal(err)
			}
			wait(t, p)
			if out.String() != test.want {
				t.Errorf("got %q, want %q", out.String(), test.want)
			}
		})
	}
}

func TestStartErrors(t *testing.T) {
	dir := programs(t)
	for _, test := range []struct {
		title string
		c     host.Command
		code  int
		want  []string
	}{
		{"not in PATH", host.Command{Args: []string{"nosuch"}, Env: []string{"PATH=/bin:/usr/bin"}}, 127,
			[]string{`"nosuch"`, "not found in PATH (/bin:/usr/bin)"}},
		{"no PATH", host.Command{Args: []string{"sh"}, Env: []string{"A=b"}}, 127, []string{"no PATH"}},
		{"beside", host.Command{Args: []string{"local.sh"}, Env: []string{"PATH=/bin"}}, 127, []string{`write "./local.sh"`}},
		{"no such path", host.Command{Args: []string{"./nosuch"}}, 127, []string{"there is no " + dir + "/nosuch"}},
		{"no such absolute path", host.Command{Args: []string{"/no/such"}}, 127, []string{"there is no /no/such"}},
		{"mode", host.Command{Args: []string{"./plain-only"}}, 126, []string{"chmod +x " + dir + "/plain-only", "-rw-r--r--"}},
		{"mode in PATH", host.Command{Args: []string{"plain"}, Env: []string{"PATH=bin"}}, 126, []string{"chmod +x"}},
		{"directory", host.Command{Args: []string{"bin/dir"}}, 126, []string{"is a directory"}},
		{"file as directory", host.Command{Args: []string{"local.sh/x"}}, 126, []string{"not a directory"}},
		{"interpreter", host.Command{Args: []string{"bin/no-interp"}}, 126, []string{"interpreter"}},
		{"format", host.Command{Args: []string{"bin/garbage"}}, 126, []string{"#!/bin/sh"}},
		{"no directory", host.Command{Args: []string{"sh"}, Dir: "sub"}, 125, []string{"working directory", dir + "/sub"}},
		{"file for directory", host.Command{Args: []string{"sh"}, Dir: "local.sh"}, 125, []string{"is not a directory"}},
		{"no words", host.Command{}, 125, []string{"no command"}},
		{"empty word", host.Command{Args: []string{""}}, 125, []string{"first word is empty"}},
		{"NUL", host.Command{Args: []string{"/bin/sh", "a\x00b"}}, 125, []string{"invalid argument"}},
	} {
		t.Run(test.title, func(t *testing.T) {
			test.c.Dir = filepath.Join(dir, test.c.Dir)
			_, err := host.Start(test.c)
			start, ok := errors.AsType[*host.StartError](err)
			if !ok {
				t.Fatalf("error %v, want a StartError", err)
			}
			if start.Code != test.code {
				t.Errorf("code %d, want %d: %v", start.Code, test.code, err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in %q", want, err)
				}
			}
		})
	}
}

func TestStreamsOfFailedStartAreClosed(t *testing.T) {
	dir := programs(t)
	before := openFiles(t)
	for range 20 {
		c := host.Command{Args: []string{"bin/garbage"}, Dir: dir, Stdin: strings.NewReader("x"), Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}}
		if _, err := host.Start(c); err == nil {
			t.Fatal("started")
		}
	}
	if after := openFiles(t); after > before+5 {
		t.Errorf("%d open files, before %d", after, before)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
