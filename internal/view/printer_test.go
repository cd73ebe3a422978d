package view

import (
	"bytes"
	"fmt"
	"testing"

	"tasks/hclspec"
)

func TestMaskedWriter(t *testing.T) {
	var out bytes.Buffer
	p := &Printer{}
	w := maskedWriter{p, &out}
	fmt.Fprintln(w, "before: hidden")
	p.SetSecrets(hclspec.Secrets{"hidden"})
	if n, err := fmt.Fprintln(w, "now: hidden"); n != len("now: hidden\n") || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if want := "before: hidden\nnow: ***\n"; out.String() != want {
		t.Errorf("%q, not %q", out.String(), want)
	}
}
