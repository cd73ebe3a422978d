package projects_test

import (
	"archive/tar"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/moby/client"
)

// run is a one-off of a service: flags common to both tools, and the command.
type run struct{ flags, command []string }

// oneOffOf starts the key of a one-off among the resources.
const oneOffOf = "one-off of "

// whileItRuns are the fields that depend on whether a one-off has ended.
var whileItRuns = regexp.MustCompile(`^(State\..*|NetworkSettings\.Ports\..*|ExecIDs.*|Path|Args.*)$`)

// canRunOneOff reports whether a one-off of a service can start: referenced services do not run.
func canRunOneOff(s attributes) bool {
	for _, name := range []string{"network_mode", "pid", "ipc"} {
		if mode, ok := s[name].(string); ok && strings.Contains(mode, ":") {
			return false
		}
	}
	for _, word := range []string{"rshared", "slave", "vendor.example", "nvidia", "memlock",
		"ALL"} { // unavailable or forbidden on hosts of tests
		if strings.Contains(fmt.Sprint(s), word) {
			return false
		}
	}
	for _, name := range []string{"links", "external_links", "post_start", "gpus", "blkio_config"} {
		if s[name] != nil {
			return false
		}
	}
	return true
}

func (a *serviceGenerator) run() run {
	r := run{flags: []string{"-d", "--no-deps", "-T"}}
	for _, flag := range a.chooseSome([]string{}, []string{"-e", "NEW=" + a.text()}, []string{"-e", "SHELL_WORD"}, []string{"-l",
		"team=of the line"}, []string{"-u", "1000"},
		[]string{"-w", "/tmp"}, []string{"--cap-add", "SYS_CHROOT"}, []string{"--cap-drop", "CHOWN"}, []string{"-v",
			"@dir/sub:/of/line:ro"}, []string{"-v", "/anonymous/of/line"},
		[]string{"--use-aliases"}, []string{"--entrypoint", "env"}, []string{"--interactive=false"}) {
		if a.happens(50) {
			r.flags = append(r.flags, flag.([]string)...)
		}
	}
	r.command = a.choose([]string{"true"}, []string{"echo", "two words", ""}, []string(nil)).([]string)
	return r
}

// runAll runs successive one-offs, and returns the one-offs that a tool rejects.
func (p *project) runAll(k tool, runs map[string]run) map[string]bool {
	p.T.Helper()
	refused := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(runs)) {
		line := []string{map[bool]string{true: "once", false: "run"}[k == tasks]}
		for _, word := range runs[name].flags {
			line = append(line, p.Placeholders.Replace(word))
		}
		line = append(append(line, name), runs[name].command...)
		if r := p.Run(k, line...); r.Code != 0 {
			p.T.Logf("%s %q: %s", k, line, failures(r.Stderr))
			refused[name] = true
		}
	}
	return refused
}

// filesIn returns the secrets and configs copied into containers, with owners and modes.
func (p *project) filesIn(id string) fields {
	p.T.Helper()
	all := fields{}
	for _, path := range []string{"/run/secrets/of_environment", "/etc/absolute", "/of_environment", "/relative/config", "/of_content",
		"/etc/deep/er/config"} {
		answer, err := p.Engine.CopyFromContainer(p.T.Context(), id, client.CopyFromContainerOptions{SourcePath: path})
		if err != nil {
			continue // not every container has the file
		}
		archive := tar.NewReader(answer.Content)
		header, err := archive.Next()
		if err != nil {
			p.T.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		answer.Content.Close()
		if err != nil {
			p.T.Fatal(err)
		}
		all["file["+path+"]"] = fmt.Sprintf("%o %d:%d %q", header.Mode, header.Uid, header.Gid, text)
	}
	return all
}
