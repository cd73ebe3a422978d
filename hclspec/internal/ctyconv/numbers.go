package ctyconv

import (
	"errors"
	"fmt"
	"math"

	"github.com/zclconf/go-cty/cty"
)

// maxCount limits attempts and jobs. A larger number is a typing mistake.
const maxCount = 1 << 20

// AsCount converts a whole number from 1 on.
func AsCount(v cty.Value) (int, error) { return AsCountUpTo(v, maxCount) }

// AsCountUpTo converts a whole number from 1 to a maximum.
func AsCountUpTo(v cty.Value, maximum int) (int, error) {
	number, err := asNumber(v)
	if err != nil {
		return 0, err
	}
	if number != math.Trunc(number) || number < 1 || number > float64(maximum) {
		return 0, fmt.Errorf("%s is not a whole number from 1 to %d", numberText(v), maximum)
	}
	return int(number), nil
}

// AsFactor converts a number from 1 on.
func AsFactor(v cty.Value) (float64, error) {
	number, err := asNumber(v)
	if err == nil && (number < 1 || math.IsInf(number, 0)) {
		return 0, errors.New("it is less than 1, so that the pauses would get shorter")
	}
	return number, err
}

func asNumber(v cty.Value) (float64, error) {
	if v.IsNull() || !v.Type().IsPrimitiveType() {
		return 0, WrongTypeError("a number", v)
	}
	number, err := ConvertTo(v, cty.Number)
	if err != nil {
		return 0, WrongTypeError("a number", v)
	}
	float, _ := number.AsBigFloat().Float64()
	return float, nil
}

// numberText returns a number in the author's notation.
func numberText(v cty.Value) string {
	text, err := AsText(v)
	if err != nil {
		return "it"
	}
	return text
}
