//go:build !unix

package coord

import (
	"errors"
	"os"
)

// checkWritable tries, where permissions alone do not tell.
func checkWritable(dir string) error {
	probe, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
