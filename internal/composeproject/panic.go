package composeproject

import "fmt"

// panicError is a panic of compose-go. Invalid files can break its loader.
type panicError struct{ value any }

func (e *panicError) Error() string {
	return fmt.Sprintf("the loader of compose files failed: %v", e.value)
}

// recoverPanic calls a function of compose-go, and returns a panic as an error.
func recoverPanic(call func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{value}
		}
	}()
	return call()
}
