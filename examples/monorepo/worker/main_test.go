package main

import "testing"

func TestUpper(t *testing.T) {
	for text, want := range map[string]string{"hello": "HELLO", " one  two\n": "ONE TWO", "grün": "GRÜN", "": ""} {
		if got := upper(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
