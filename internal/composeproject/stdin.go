package composeproject

import (
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/compose-spec/compose-go/v2/cli"

	"tasks/internal/tempfiles"
)

// Stdin is the standard input among the files of [Options].
const Stdin = "-"

// stdinName is the name of the standard input in messages.
const stdinName = "stdin"

// stdinFile is the compose file from the standard input. compose-go gets a copy in a temporary file, because
// compose-go may read a file several times.
type stdinFile struct {
	path    string
	content []byte
}

// stdinPath returns the path of the temporary file.
func (l *projectLoader) stdinPath() (string, error) {
	if l.stdin != nil {
		return l.stdin.path, nil
	}
	if l.Stdin == nil {
		return "", errors.New("the compose file cannot be read from stdin here: write it to a file")
	}
	content, err := l.Stdin()
	if err != nil {
		return "", err
	}
	const prefix = "tasks-compose-"
	tempfiles.Sweep(os.TempDir(), prefix)
	dir, err := os.MkdirTemp("", prefix+"*")
	if err != nil {
		return "", err
	}
	l.stdin = &stdinFile{path: filepath.Join(dir, stdinName), content: content}
	return l.stdin.path, os.WriteFile(l.stdin.path, content, 0o600)
}

// removeStdin removes the temporary file.
func (l *projectLoader) removeStdin() {
	if l.stdin != nil {
		os.RemoveAll(filepath.Dir(l.stdin.path))
	}
}

// withStdinDirectory sets the project directory of a compose file from stdin as Compose does: the folder of another
// compose file, or the working directory.
func (l *projectLoader) withStdinDirectory(o *cli.ProjectOptions) error {
	if o.WorkingDir != "" || l.stdin == nil {
		return nil
	}
	o.WorkingDir = l.WorkingDir
	for _, path := range o.ConfigPaths {
		if path != l.stdin.path {
			o.WorkingDir = filepath.Dir(path)
			return nil
		}
	}
	return nil
}

// nameStdin replaces the temporary file by the name for messages.
func (s *sources) nameStdin() {
	if s.stdin == nil {
		return
	}
	if i := slices.Index(s.files, s.stdin.path); i >= 0 {
		s.files = slices.Clone(s.files)
		s.files[i] = stdinName
	}
	s.stdin = &stdinFile{path: stdinName, content: s.stdin.content}
}
