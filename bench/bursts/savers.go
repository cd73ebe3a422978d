package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// saver is a program that saves a file, or writes files.
type saver struct {
	name string
	// prepare makes the files below the watched directory, and returns the steps of save n. Only the last step is measured.
	prepare preparation
}

type preparation func(ctx context.Context, watched string) (steps []step, err error)

// step is a step of save n.
type step func(n int) error

// fileText is the content of a saved file: about 20 KB, as much as a long source file.
func fileText(n int) string {
	return fmt.Sprintf("package x\n\n// number %d\n%s", n, strings.Repeat("// a line of a comment in a source file\n", 500))
}

func savers() []saver {
	return []saver{
		{"write in place (VS Code, Zed, Helix)", inProcess(func(path, text string) error {
			return os.WriteFile(path, []byte(text), 0o644)
		})},
		{"write beside and rename (JetBrains, gedit)", inProcess(replaceFile)},
		{"vim `:w`", editor("vim", "-N", "-u", "NONE", "-es", "-c", vimSave, "-c", "qa!")},
		{"vim `:w` with the user's defaults", editor("vim", "-es", "-c", "set nocompatible swapfile writebackup undofile",
			"-c", vimSave, "-c", "qa!")},
		{"neovim `:w`", editor("nvim", "--headless", "-c", vimSave, "-c", "qa!")},
		{"emacs `save-buffer`", editor("emacs", "--batch", "--eval",
			"(progn (find-file \"x.go\") (goto-char 1) (insert \"// NUMBER\\n\") (save-buffer))")},
		{"`sed -i`", editor("sed", "-i", "s/number.*/number NUMBER/", "x.go")},
		{"`gofmt -w`", unformatted("gofmt", "-w", "x.go")},
		{"`git checkout` of 1 file", checkout(1)},
		{"`git checkout` of 50 files", checkout(50)},
		{"`git checkout` of 1,000 files", checkout(1000)},
		{"`go build -o`", building},
	}
}

// vimSave changes the first line and saves.
const vimSave = "edit x.go | call setline(1, \"// NUMBER\") | write"

// inProcess saves a file by a function.
func inProcess(write func(path, text string) error) preparation {
	return func(_ context.Context, watched string) ([]step, error) {
		path := filepath.Join(watched, "x.go")
		return []step{func(n int) error { return write(path, fileText(n)) }}, write(path, fileText(-1))
	}
}

// replaceFile writes a temporary file, and renames it.
func replaceFile(path, text string) error {
	if err := os.WriteFile(path+"___jb_tmp___", []byte(text), 0o644); err != nil {
		return err
	}
	return os.Rename(path+"___jb_tmp___", path)
}

// editor saves x.go by a program. NUMBER in the arguments stands for the number of the save.
func editor(argv ...string) preparation {
	return func(ctx context.Context, watched string) ([]step, error) {
		if _, err := exec.LookPath(argv[0]); err != nil {
			return nil, fmt.Errorf("no %s in PATH", argv[0])
		}
		save := func(n int) error {
			var args []string
			for _, word := range argv[1:] {
				args = append(args, strings.ReplaceAll(word, "NUMBER", fmt.Sprint("number ", n)))
			}
			return command(ctx, watched, append([]string{argv[0]}, args...)...)
		}
		return []step{save}, os.WriteFile(filepath.Join(watched, "x.go"), []byte(fileText(-1)), 0o644)
	}
}

// unformatted formats a file. In a step before, the file gets a wrong format.
func unformatted(argv ...string) preparation {
	return func(ctx context.Context, watched string) ([]step, error) {
		path := filepath.Join(watched, "x.go")
		spoil := func(n int) error { return replaceFile(path, fileText(n)+"\nvar  x =  1\n") }
		return []step{spoil, func(int) error { return command(ctx, watched, argv...) }}, spoil(-1)
	}
}

// checkout changes between two commits with other contents of some files.
func checkout(files int) preparation {
	return func(ctx context.Context, watched string) ([]step, error) {
		git := func(args ...string) error {
			identity := []string{"git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"}
			return command(ctx, watched, append(identity, args...)...)
		}
		if err := git("init", "-q", "-b", "zero"); err != nil {
			return nil, err
		}
		for n, branch := range []string{"zero", "one"} {
			for f := range files {
				name := filepath.Join(watched, fmt.Sprintf("f%04d.go", f))
				if err := os.WriteFile(name, []byte(fileText(n)), 0o644); err != nil {
					return nil, err
				}
			}
			if n > 0 {
				if err := git("checkout", "-q", "-b", branch); err != nil {
					return nil, err
				}
			}
			if err := git("add", "-A"); err != nil {
				return nil, err
			}
			if err := git("commit", "-q", "-m", branch); err != nil {
				return nil, err
			}
		}
		return []step{func(n int) error { return git("checkout", "-q", []string{"zero", "one"}[n%2]) }}, nil
	}
}

// building builds a program into the watched directory. The source is beside.
func building(ctx context.Context, watched string) ([]step, error) {
	source := filepath.Join(filepath.Dir(watched), "main.go")
	build := func(n int) error {
		text := fmt.Sprintf("package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(%d) }\n", n)
		if err := os.WriteFile(source, []byte(text), 0o644); err != nil {
			return err
		}
		return command(ctx, filepath.Dir(watched), "go", "build", "-o", filepath.Join(watched, "program"), source)
	}
	return []step{build}, nil
}

// command runs a program in a directory, without input.
func command(ctx context.Context, dir string, argv ...string) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", argv[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}
