package funcs

import (
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/bmatcuk/doublestar/v4"
)

// ReadMatching reads the files of the project that match a glob, in the order of their names.
func ReadMatching(h Inputs, glob string, read func(name string, file io.Reader)) error {
	if !doublestar.ValidatePattern(glob) || !fs.ValidPath(glob) {
		return fmt.Errorf("%q is not a glob of files beside Tasks.hcl: write \"reports/*.xml\"", glob)
	}
	names, err := h.globFiles(".", glob)
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		err := h.withFile(name, func(file io.Reader) error {
			read(name, file)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
