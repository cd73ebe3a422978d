package toolbox

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// programNames are the names in /bin. A test compares the names with cmd/toolbox.
func programNames() []string {
	return []string{
		"[", "cat", "dial", "echo", "env", "exit", "false", "flaky", "gen", "grep", "head", "hostname", "id",
		"ignore", "kill", "ls", "mkdir", "now", "printf", "probe", "pwd", "rm", "seq", "serve", "sh", "signals", "sleep",
		"stty", "test", "touch", "true", "tty", "wc", "whoami", "yes",
	}
}

// build compiles the program for the engine's architecture and returns the content. The Go tool does not rewrite an
// up-to-date file.
func build(ctx context.Context, path, arch string) ([]byte, error) {
	source, err := sourceDir()
	if err != nil {
		return nil, err
	}
	// The program must not depend on the machine or the commit: the image's name has the program's hash.
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
		"-o", path, "./cmd/toolbox")
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%v: %w\n%s", cmd, err, out)
	}
	return os.ReadFile(path)
}

// sourceDir returns the directory of this source file, independent of the test's working directory.
func sourceDir() (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return "", errors.New("the test binary does not know its source directory: test without -trimpath")
	}
	return filepath.Dir(file), nil
}

// archive packs the image's files. The same program gives the same bytes.
func archive(program []byte) ([]byte, error) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, entry := range entries(program) {
		entry.header.Size = int64(len(entry.content))
		if err := w.WriteHeader(&entry.header); err != nil {
			return nil, err
		}
		if _, err := w.Write(entry.content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

type entry struct {
	header  tar.Header
	content []byte
}

func entries(program []byte) []entry {
	list := []entry{
		directory("bin/", 0o755, 0), directory("etc/", 0o755, 0), directory("home/", 0o755, 0),
		directory("home/app/", 0o755, 1000), directory("root/", 0o700, 0), directory("tmp/", 0o1777, 0),
		file("bin/toolbox", 0o755, program),
		file("etc/passwd", 0o644, []byte("root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n")),
		file("etc/group", 0o644, []byte("root:x:0:\napp:x:1000:\n")),
	}
	for _, name := range programNames() {
		link := tar.Header{Typeflag: tar.TypeSymlink, Name: "bin/" + name, Linkname: "toolbox", Mode: 0o777}
		list = append(list, entry{header: link})
	}
	return list
}

func directory(name string, mode int64, owner int) entry {
	return entry{header: tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: mode, Uid: owner, Gid: owner}}
}

func file(name string, mode int64, content []byte) entry {
	return entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode}, content}
}
