//go:build linux

package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// options returns a flag set that reports to the applet's stderr.
func options(s streams, name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(s.err)
	return fs
}

// forEachInput calls do with each file, or with stdin if no file is named.
func forEachInput(s streams, name string, files []string, do func(io.Reader) error) int {
	if len(files) == 0 {
		files = []string{"-"}
	}
	for _, file := range files {
		if err := withInput(s, file, do); err != nil {
			return s.failf("%s: %v", name, err)
		}
	}
	return 0
}

func withInput(s streams, file string, do func(io.Reader) error) error {
	if file == "-" {
		return do(s.in)
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	return do(f)
}

func cat(s streams, args []string) int {
	return forEachInput(s, "cat", args, func(r io.Reader) error {
		_, err := io.Copy(s.out, r)
		return err
	})
}

// list is ls [-a] [-l] [PATH…]: a name per line; -l adds mode, owner, group and size.
func list(s streams, args []string) int {
	fs := options(s, "ls")
	all, long := fs.Bool("a", false, "names with a leading dot too"), fs.Bool("l", false, "mode, owner, group, size")
	fs.Bool("1", true, "one name a line")
	if fs.Parse(args) != nil {
		return 2
	}
	paths := fs.Args()
	if len(paths) == 0 {
		paths = []string{"."}
	}
	for _, path := range paths {
		entries, err := entriesOf(path)
		if err != nil {
			return s.failf("ls: %v", err)
		}
		for _, entry := range entries {
			if *all || entry.Name()[0] != '.' {
				fmt.Fprintln(s.out, describe(entry, *long))
			}
		}
	}
	return 0
}

func entriesOf(path string) ([]os.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []os.FileInfo{info}, err
	}
	dir, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var infos []os.FileInfo
	for _, entry := range dir {
		info, err := os.Lstat(filepath.Join(path, entry.Name()))
		if err != nil {
			return nil, err
		}
		infos = append(infos, info)
	}
	return infos, nil
}

func describe(info os.FileInfo, long bool) string {
	if !long {
		return info.Name()
	}
	uid, gid := ownerOf(info)
	return fmt.Sprintf("%s %d %d %d %s", info.Mode(), uid, gid, info.Size(), info.Name())
}

func mkdir(s streams, args []string) int {
	fs := options(s, "mkdir")
	parents := fs.Bool("p", false, "make parents, and do not mind what exists")
	if fs.Parse(args) != nil {
		return 2
	}
	for _, path := range fs.Args() {
		do := os.Mkdir
		if *parents {
			do = os.MkdirAll
		}
		if err := do(path, 0o777); err != nil {
			return s.failf("mkdir: %v", err)
		}
	}
	return 0
}

func touch(s streams, args []string) int {
	for _, path := range args {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil {
			return s.failf("touch: %v", err)
		}
		f.Close()
		if err := os.Chtimes(path, time.Now(), time.Now()); err != nil {
			return s.failf("touch: %v", err)
		}
	}
	return 0
}

func remove(s streams, args []string) int {
	recursive, force := false, false
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		recursive = recursive || strings.Contains(args[0], "r")
		force = force || strings.Contains(args[0], "f")
		args = args[1:]
	}
	for _, path := range args {
		do := os.Remove
		if recursive {
			do = os.RemoveAll
		}
		if err := do(path); err != nil && !(force && os.IsNotExist(err)) {
			return s.failf("rm: %v", err)
		}
	}
	return 0
}

// wc counts all inputs together: lines, words and bytes, or only the selected count.
func wc(s streams, args []string) int {
	fs := options(s, "wc")
	lines, words, size := fs.Bool("l", false, "lines"), fs.Bool("w", false, "words"), fs.Bool("c", false, "bytes")
	if fs.Parse(args) != nil {
		return 2
	}
	var l, w, c int
	code := forEachInput(s, "wc", fs.Args(), func(r io.Reader) error {
		data, err := io.ReadAll(r)
		l, w, c = l+bytes.Count(data, []byte("\n")), w+len(bytes.Fields(data)), c+len(data)
		return err
	})
	switch {
	case *lines:
		fmt.Fprintln(s.out, l)
	case *words:
		fmt.Fprintln(s.out, w)
	case *size:
		fmt.Fprintln(s.out, c)
	default:
		fmt.Fprintln(s.out, l, w, c)
	}
	return code
}

// head prints the first lines (-n, default 10) or bytes (-c) of each input.
func head(s streams, args []string) int {
	fs := options(s, "head")
	lines, size := fs.Int("n", 10, "lines"), fs.Int64("c", -1, "bytes")
	if fs.Parse(args) != nil {
		return 2
	}
	return forEachInput(s, "head", fs.Args(), func(r io.Reader) error {
		if *size >= 0 {
			_, err := io.CopyN(s.out, r, *size)
			if err == io.EOF {
				return nil
			}
			return err
		}
		return headLines(s.out, r, *lines)
	})
}

func headLines(w io.Writer, r io.Reader, n int) error {
	buf := bufio.NewReader(r)
	for range n {
		line, err := buf.ReadString('\n')
		io.WriteString(w, line)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// grep prints the lines that match a Go regular expression: [-q] [-v] PATTERN [FILE…]. Without a match, grep ends with
// 1.
func grep(s streams, args []string) int {
	fs := options(s, "grep")
	quiet, invert := fs.Bool("q", false, "print nothing"), fs.Bool("v", false, "lines that do not match")
	if fs.Parse(args) != nil || fs.NArg() == 0 {
		return 2
	}
	pattern, err := regexp.Compile(fs.Arg(0))
	if err != nil {
		s.failf("grep: %v", err)
		return 2
	}
	found := 1
	code := forEachInput(s, "grep", fs.Args()[1:], func(r io.Reader) error {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			if pattern.Match(lines.Bytes()) == *invert {
				continue
			}
			found = 0
			if !*quiet {
				fmt.Fprintln(s.out, lines.Text())
			}
		}
		return lines.Err()
	})
	return max(code*2, found)
}
