package starter

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"tasks/hclspec"
	"tasks/internal/plaintext"
	"tasks/internal/tempfiles"
	"tasks/internal/view"
)

// tempPrefix begins the names of unfinished files.
const tempPrefix = ".tasks-init-"

// Write writes the file, and prints what to do next. For isPrint, Write prints the text in the place of a file.
func (f *File) Write(p *view.Printer, isPrint bool) error {
	if isPrint {
		return view.PrintSource(p, f.Text)
	}
	if err := f.create(); err != nil {
		return err
	}
	next := "Next: `tasks` lists the tasks"
	if f.firstTask != "" {
		next += ", `tasks run " + f.firstTask + "` runs the first"
	}
	p.PrintLine(plaintext.Escape(f.name + " is written. " + next + "."))
	for _, other := range f.others {
		word := hclspec.QuoteWords([]string{other})
		p.PrintLine(plaintext.Escape(other + " found: `tasks init --print --from " + word + "` prints the tasks of the file"))
	}
	return nil
}

// create writes the file, completely or not at all. create never replaces an existing file.
func (f *File) create() error {
	dir := filepath.Dir(f.path)
	tempfiles.Sweep(dir, tempPrefix)
	unfinished := filepath.Join(dir, tempPrefix+strconv.Itoa(os.Getpid()))
	temporary, err := os.OpenFile(unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	defer os.Remove(unfinished)
	_, err = temporary.Write(f.Text)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	// A link is made only under a free name; a rename would replace a file that another process has just made.
	err = os.Link(unfinished, f.path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return existsError(f.name)
	case err != nil:
		return f.writeNew()
	}
	return nil
}

// fileMode is the mode of the starter file before the umask.
const fileMode = 0o666

// writeNew writes the file on a file system without links.
func (f *File) writeNew() error {
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = file.Write(f.Text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(f.path))
	}
	return nil
}
