// Command modulepath gives the module another path: in go.mod, in the imports, and in the words of tests, scripts and
// documents that name a package. The owner calls the command once, with the path of the public home:
//
//	go run -C release ./modulepath example.com/owner/tasks
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if err := run("..", os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "modulepath:", err)
		os.Exit(1)
	}
}

func run(root string, args []string) error {
	if len(args) != 1 || !regexp.MustCompile(`^[a-z0-9.-]+\.[a-z]+(/[A-Za-z0-9._~-]+)+$`).MatchString(args[0]) {
		return fmt.Errorf("the command takes a module path, as example.com/owner/tasks, but got %q", args)
	}
	next := args[0]
	goMod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	found := regexp.MustCompile(`(?m)^module (\S+)$`).FindSubmatch(goMod)
	if found == nil {
		return errors.New("go.mod has no module line")
	}
	files, err := trackedFiles(root)
	if err != nil {
		return err
	}
	changed, pattern := 0, packagePattern(string(found[1]), files)
	for _, file := range files {
		isChanged, err := rewrite(filepath.Join(root, file), pattern, next)
		if err != nil {
			return err
		}
		if isChanged {
			changed++
		}
	}
	fmt.Printf("%s is %s now, in %d files: sort the imports with gofmt -w ., and run the tests\n", found[1], next, changed)
	return nil
}

func trackedFiles(root string) ([]string, error) {
	out, err := exec.Command("git", "-C", root, "ls-files").Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	return strings.Fields(string(out)), nil
}

// packagePattern matches the module line, and the module path before a directory with Go files: "tasks/internal/view",
// but not "tasks/1.2" and not ".tasks/".
func packagePattern(module string, files []string) *regexp.Regexp {
	var tops []string
	for _, f := range files {
		if top, _, isBelow := strings.Cut(f, "/"); isBelow && path.Ext(f) == ".go" && !slices.Contains(tops, top) {
			tops = append(tops, regexp.QuoteMeta(top))
		}
	}
	below := `/(?:` + strings.Join(tops, "|") + `)\b`
	return regexp.MustCompile(`(?m)(^module |[^\w./$}-])` + regexp.QuoteMeta(module) + `($|` + below + `)`)
}

// rewrite replaces the module path in a text file, and reports whether the file has changed.
func rewrite(file string, pattern *regexp.Regexp, next string) (bool, error) {
	isText := slices.Contains([]string{".go", ".mod", ".md", ".hcl", ".sh", ".txtar", ""}, path.Ext(file))
	info, err := os.Lstat(file)
	if err != nil || !isText || !info.Mode().IsRegular() {
		return false, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return false, err
	}
	replaced := pattern.ReplaceAllFunc(text, func(match []byte) []byte {
		groups := pattern.FindSubmatch(match)
		before, after := string(groups[1]), string(groups[2])
		if after == "" && before != "module " {
			return match
		}
		return []byte(before + next + after)
	})
	if string(replaced) == string(text) {
		return false, nil
	}
	return true, os.WriteFile(file, replaced, info.Mode())
}
