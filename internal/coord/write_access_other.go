//go:build !unix

package coord

import (
	"errors"
	"os"
)

// checkWritable creates a file: on such a system permissions alone do not decide.
func checkWritable(dir string) error {
	probe, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
