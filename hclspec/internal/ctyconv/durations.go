package ctyconv

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/zclconf/go-cty/cty"
)

// AsPositiveDuration converts a duration of more than zero.
func AsPositiveDuration(v cty.Value) (time.Duration, error) {
	duration, err := AsDuration(v)
	if err == nil && duration == 0 {
		return 0, errors.New("it must be more than nothing")
	}
	return duration, err
}

// AsDuration converts text such as "200ms".
func AsDuration(v cty.Value) (time.Duration, error) {
	text, err := AsText(v)
	if err != nil {
		return 0, err
	}
	d, err := time.ParseDuration(text)
	if _, unitless := strconv.ParseFloat(text, 64); unitless == nil && d == 0 && err != nil {
		return 0, fmt.Errorf("%q is not a duration: write the unit, as in \"%ss\"", text, text)
	}
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration: write \"50ms\", \"1.5s\" or \"10m\"", text)
	}
	return d, nil
}
