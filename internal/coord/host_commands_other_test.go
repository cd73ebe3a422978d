//go:build !unix

package coord

import "errors"

// runCommandParent has no process groups to work with.
func runCommandParent(string) error { return errors.ErrUnsupported }
