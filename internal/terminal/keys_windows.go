package terminal

import "errors"

// MakeKeys is not available: a console of Windows has no mode with signals and without lines.
func (t *Terminal) MakeKeys() (restore func() error, err error) {
	return nil, errors.New("single keys are not available on Windows")
}
