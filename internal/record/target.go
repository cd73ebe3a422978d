package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// Stdout is the path of a recording on stdout.
const Stdout = "-"

// target is the file of a recording, or stdout. Errors name the flag and the file.
type target struct {
	flag, path string
	// file is nil for stdout.
	file   *os.File
	stdout io.Writer
	// document is the content for stdout: the end of the session writes the document of the last run.
	document []byte
}

// openTarget opens the file of a flag; see [Start] for the contexts.
func openTarget(ctx, hurry context.Context, flag, path string, stdout io.Writer) (*target, error) {
	t := &target{flag: flag, path: path, stdout: stdout}
	if path == Stdout {
		return t, nil
	}
	file, err := openFile(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	// Only a pipe has deadlines. Writes to other files do not wait for anybody.
	context.AfterFunc(hurry, func() { _ = file.SetWriteDeadline(time.Now().Add(hurriedPatience)) })
	t.file = file
	return t, nil
}

// Write writes to the end. The owner of stdout reports a failed write to stdout.
func (t *target) Write(text []byte) (int, error) {
	if t.file == nil {
		_, _ = t.stdout.Write(text)
		return len(text), nil
	}
	n, err := t.file.Write(text)
	return n, t.explain(err)
}

// replace replaces the whole content.
func (t *target) replace(content []byte) error {
	if t.file == nil {
		t.document = content
		return nil
	}
	info, err := t.file.Stat()
	isFile := err == nil && info.Mode().IsRegular() // a pipe or a device gets one document after the other
	if isFile {
		_, err = t.file.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = t.file.Write(content)
	}
	if err == nil && isFile {
		err = t.file.Truncate(int64(len(content)))
	}
	return t.explain(err)
}

// close closes the file. Stdout stays open.
func (t *target) close() error {
	if t.file == nil {
		_, _ = t.stdout.Write(t.document) // see Write
		return nil
	}
	return t.explain(t.file.Close())
}

func (t *target) explain(err error) error {
	if err == nil {
		return nil
	}
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		err = inner.Err
	}
	return fmt.Errorf("%s: cannot write %s: %w", t.flag, t.path, err)
}
