//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Each script runs in an empty directory, and checks output and exit code.
func TestPrograms(t *testing.T) {
	uid, gid := strconv.Itoa(os.Getuid()), strconv.Itoa(os.Getgid())
	tests := map[string]struct {
		script string
		want   outcome
	}{
		"cat":             {"echo a >a; echo b | cat a -", outcome{out: "a\nb\n"}},
		"cat nothing":     {"cat nope", outcome{err: "cat: open nope: no such file or directory\n", code: 1}},
		"ls":              {"touch b a .c; mkdir d; ls; ls -a | wc -l; ls b", outcome{out: "a\nb\nd\n4\nb\n"}},
		"ls -l":           {"printf 123 >a; ls -l", outcome{out: "-rw-r--r-- " + uid + " " + gid + " 3 a\n"}},
		"ls nothing":      {"ls nope", outcome{err: "ls: stat nope: no such file or directory\n", code: 1}},
		"mkdir":           {"mkdir -p a/b && mkdir -p a/b && ls a && mkdir a", outcome{out: "b\n", err: "mkdir: mkdir a: file exists\n", code: 1}},
		"touch":           {"echo x >a; touch a; cat a", outcome{out: "x\n"}},
		"rm":              {"touch a; mkdir -p b/c; rm a && rm -rf b nope && ls && rm nope", outcome{err: "rm: remove nope: no such file or directory\n", code: 1}},
		"wc":              {"printf 'a b\\nc' >f; wc f; wc -l f; wc -w f; wc -c f f", outcome{out: "1 3 5\n1\n3\n10\n"}},
		"head":            {"seq 20 | head -n 2; seq 20 | head | wc -l; printf abc | head -c 2; printf ab | head -c 9", outcome{out: "1\n2\n10\nabab"}},
		"grep":            {"seq 3 | grep '[12]'; seq 3 | grep -v 2 | wc -l; seq 3 | grep -q 3 && seq 3 | grep 4", outcome{out: "1\n2\n2\n", code: 1}},
		"grep bad":        {"grep '('", outcome{err: "grep: error parsing regexp: missing closing ): `(`\n", code: 2}},
		"grep no file":    {"grep a nope", outcome{err: "grep: open nope: no such file or directory\n", code: 2}},
		"env":             {"env | grep COLOR; env COLOR=red sh -c 'echo $COLOR'; env nope", outcome{out: "COLOR=blue\nred\n", err: "env: exec: \"nope\": executable file not found in $PATH\n", code: 127}},
		"id":              {"id -u; id -g; id -z", outcome{out: uid + "\n" + gid + "\n", err: "id: unknown option [\"-z\"]\n", code: 1}},
		"kill":            {"kill -0 $$ && kill", outcome{err: "kill: no process given\n", code: 1}},
		"kill missing":    {"kill -s TERM 99999999", outcome{err: "kill: 99999999: no such process\n", code: 1}},
		"kill by what":    {"kill -NOPE 1", outcome{err: "kill: unknown signal \"NOPE\"\n", code: 1}},
		"sleep":           {"sleep 0.01 && sleep 1ms && sleep x", outcome{err: "sleep: time: invalid duration \"x\"\n", code: 1}},
		"tty":             {"tty", outcome{out: "not a tty\n", code: 1}},
		"seq":             {"seq 2; seq 5 6; seq a", outcome{out: "1\n2\n5\n6\n", err: "seq: strconv.Atoi: parsing \"a\": invalid syntax\n", code: 1}},
		"gen":             {"gen 0 | wc; gen 63 | wc -l; gen 100000 | wc; gen 70", outcome{out: "0 0 0\n0\n1562 1563 100000\n" + patternLine + patternLine[:6]}},
		"yes":             {"yes a b | head -n 2", outcome{out: "a b\na b\n"}},
		"exit":            {"env exit 7 so it is", outcome{err: "so it is\n", code: 7}},
		"flaky":           {"for i in 1 2 3 4; do flaky f 2; echo $?; done", outcome{out: "1\n1\n0\n0\n", err: "flaky: call 1 of 2 that fail\nflaky: call 2 of 2 that fail\n"}},
		"ignore what":     {"ignore NOPE", outcome{err: "ignore: unknown signal \"NOPE\"\n", code: 1}},
		"built-ins":       {"touch f; env test -f f && env [ a = b ]; echo $?; env echo -n x; env printf '%03d\\n' 7; env true && env false", outcome{out: "1\nx007\n", code: 1}},
		"serve nothing":   {"serve", outcome{code: 2}},
		"probe nothing":   {"probe tcp 127.0.0.1:1", outcome{err: "probe: dial tcp 127.0.0.1:1: connect: connection refused\n", code: 1}},
		"probe what":      {"probe udp x", outcome{err: "probe: unknown kind \"udp\"\n", code: 1}},
		"dial closed":     {"dial 127.0.0.1:1", outcome{err: "dial: dial tcp 127.0.0.1:1: connect: connection refused\n", code: 1}},
		"stty what":       {"stty -echo", outcome{err: "stty: only \"stty size\" is known\n", code: 1}},
		"wrong arguments": {"gen; flaky; probe; dial; sleep", outcome{code: 1, err: "gen: a number of bytes is wanted\nflaky: FILE and N are wanted\nprobe: tcp ADDR or http ADDR/PATH is wanted\ndial: an address is wanted\nsleep: one duration is wanted: sleep 0.5, sleep 1m, sleep infinity\n"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := finish(t, program(t, "sh", "-c", test.script)); got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestPwdAndHostname(t *testing.T) {
	cmd := program(t, "pwd")
	want, err := filepath.EvalSymlinks(cmd.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := finish(t, cmd); got.out != want+"\n" {
		t.Errorf("pwd: %+v, want %s", got, want)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if got := finish(t, program(t, "hostname")); got.out != host+"\n" {
		t.Errorf("hostname: %+v, want %s", got, host)
	}
}

func TestUserNames(t *testing.T) {
	if got := finish(t, program(t, "whoami")); got.code != 0 || got.out != userName(strconv.Itoa(os.Getuid()))+"\n" {
		t.Errorf("%+v", got)
	}
	if got := userName("987654"); got != "987654" {
		t.Errorf("a user without a name is called %q", got)
	}
	if got := groupName("987654"); got != "987654" {
		t.Errorf("a group without a name is called %q", got)
	}
}

func TestNow(t *testing.T) {
	before := time.Now().UnixNano()
	got := finish(t, program(t, "now"))
	n, err := strconv.ParseInt(strings.TrimSpace(got.out), 10, 64)
	if err != nil || n < before || n > time.Now().UnixNano() {
		t.Errorf("%+v %v", got, err)
	}
}
