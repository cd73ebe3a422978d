package main

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// maxProgramBytes is the limit of docs/adr/0005-start-up.md for each program.
const maxProgramBytes = 32_000_000

// target is a system to build for.
type target struct{ os, arch string }

func allTargets() []string {
	return []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}
}

func parseTarget(name string) (target, error) {
	system, arch, _ := strings.Cut(name, "/")
	if !slices.Contains(allTargets(), name) {
		return target{}, fmt.Errorf("no target %q; there are %s", name, strings.Join(allTargets(), ", "))
	}
	return target{system, arch}, nil
}

func (t target) String() string { return t.os + "/" + t.arch }

// program is the name of the program in archives.
func (t target) program() string {
	if t.os == "windows" {
		return "tasks.exe"
	}
	return "tasks"
}

// programPath is the built program of a target.
func (r *release) programPath(t target) string {
	return filepath.Join(r.work, t.os+"_"+t.arch, t.program())
}

// buildFlags make the same bytes in each directory. The version and the commit come from git. gRPC needs its tag, so
// that the linker can remove unused methods.
func buildFlags() []string {
	return []string{"-trimpath", "-buildvcs=true", "-tags=grpcnotrace", "-ldflags=-s -w"}
}

func (r *release) buildPrograms() error {
	for _, t := range r.targets {
		args := slices.Concat([]string{"build"}, buildFlags(), []string{"-o", r.programPath(t), "./cmd/tasks"})
		cmd := exec.Command("go", args...)
		cmd.Dir = r.source
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "GOOS="+t.os, "GOARCH="+t.arch)
		if _, err := output(cmd); err != nil {
			return err
		}
		if err := r.checkProgram(t); err != nil {
			return err
		}
	}
	return nil
}

// checkProgram checks the size of a program, and reads the version of the release.
func (r *release) checkProgram(t target) error {
	info, err := os.Stat(r.programPath(t))
	if err != nil {
		return err
	}
	if info.Size() > maxProgramBytes && t.String() == "linux/amd64" {
		return fmt.Errorf("the program for %s has %d bytes, more than %d", t, info.Size(), maxProgramBytes)
	}
	build, err := buildinfo.ReadFile(r.programPath(t))
	if err != nil {
		return err
	}
	if build.Main.Version == "" || build.Main.Version == "(devel)" {
		return errors.New("the program has no version: the source tree must be a clone of the git repository")
	}
	// Names of files and versions of packages have no "+dirty".
	r.version, _, _ = strings.Cut(strings.TrimPrefix(build.Main.Version, "v"), "+")
	return nil
}

// readProgramTexts runs a program for this machine: it prints its manual pages and its completions.
func (r *release) readProgramTexts() error {
	machine := target{runtime.GOOS, runtime.GOARCH}
	program := r.programPath(machine)
	if _, err := os.Stat(program); err != nil {
		return fmt.Errorf("-targets must have this machine, %s: its program prints the manual pages", machine)
	}
	run := func(args ...string) ([]byte, error) {
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.Env = r.work, []string{"HOME=" + r.work, "PATH=" + os.Getenv("PATH")}
		text, err := output(cmd)
		return []byte(text + "\n"), err
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		script, err := run("completion", shell)
		if err != nil {
			return err
		}
		r.completions[shell] = script
	}
	page, err := run("help", "--man")
	if err != nil {
		return err
	}
	r.pages["tasks.1"] = page
	for _, found := range regexp.MustCompile(`(?m)^\.BR tasks\\-([a-z]+) \(1\)$`).FindAllSubmatch(page, -1) {
		command := string(found[1])
		if page, err = run("help", "--man", command); err != nil {
			return err
		}
		r.pages["tasks-"+command+".1"] = page
	}
	if len(r.pages) < 2 {
		return errors.New("the manual page of the program names no commands")
	}
	return nil
}
